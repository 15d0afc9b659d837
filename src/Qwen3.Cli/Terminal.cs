using Spectre.Console;

namespace Qwen3.Cli;

/// <summary>Where commands read and write, and how much a terminal there can show.</summary>
internal sealed class Terminal
{
    // Lines of redirected output are not broken.
    private const int EndlessWidth = 10_000;

    private Terminal(TextReader input, TextWriter output, TextWriter error, bool isOutputTerminal, bool isErrorTerminal)
    {
        In = input;
        Tables = Create(output, isOutputTerminal);
        ErrorTables = Create(error, isErrorTerminal);
    }

    /// <summary>Redirected streams.</summary>
    public Terminal(TextReader input, TextWriter output, TextWriter error)
        : this(input, output, error, isOutputTerminal: false, isErrorTerminal: false)
    {
    }

    public TextReader In { get; }

    public TextWriter Out => Tables.Profile.Out.Writer;

    public TextWriter Error => ErrorTables.Profile.Out.Writer;

    /// <summary>The output for tables and colours.</summary>
    public IAnsiConsole Tables { get; }

    public IAnsiConsole ErrorTables { get; }

    /// <summary>Whether somebody types what is read.</summary>
    public bool IsInputInteractive { get; private init; }

    /// <summary>Whether lines can be edited in place.</summary>
    public bool CanEdit { get; private init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        bool isPlain = isDumb || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        bool isInteractive = !Console.IsInputRedirected;
        // What is piped in is UTF-8, whatever the console's own encoding is.
        TextReader input = isInteractive ? Console.In : new StreamReader(Console.OpenStandardInput());
        return new(input, Console.Out, Console.Error, !Console.IsOutputRedirected && !isPlain, !Console.IsErrorRedirected && !isPlain)
        {
            IsInputInteractive = isInteractive,
            CanEdit = isInteractive && !Console.IsOutputRedirected && !isDumb,
        };
    }

    /// <summary>Writes a line that explains, paler than the answer where the output is a terminal.</summary>
    public void WriteNote(string text) => Out.WriteLine(Dim(text));

    public void WriteErrorNote(string text) => Error.WriteLine(DimError(text));

    /// <summary>Writes a line that tells what went wrong. What names or messages have in them is shown and not obeyed.</summary>
    public void WriteError(string text) => Error.WriteLine(Printable(text, ErrorTables));

    /// <summary>Writes a line of output without what a terminal would obey.</summary>
    public void WriteLine(string text) => Out.WriteLine(Printable(text));

    /// <summary>The same for <see cref="Tables"/>, where brackets are brackets.</summary>
    public string Cell(string text) => Markup.Escape(Printable(text));

    /// <summary>The same for <see cref="ErrorTables"/>.</summary>
    public string ErrorCell(string text) => Markup.Escape(Printable(text, ErrorTables));

    /// <summary>A text of the model's, a file's or a tool's without what a terminal would obey instead of showing it.</summary>
    public string Printable(string text) => Printable(text, Tables);

    public string Dim(string text) => Dim(text, Tables);

    public string DimError(string text) => Dim(text, ErrorTables);

    private static string Dim(string text, IAnsiConsole console) =>
        console.Profile.Capabilities.Ansi && text.Length > 0 ? $"\e[2m{Printable(text, console)}\e[0m" : Printable(text, console);

    private static string Printable(string text, IAnsiConsole console) =>
        console.Profile.Out.IsTerminal ? string.Concat(text.Where(character => !char.IsControl(character) || character is '\n' or '\t')) : text;

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new()
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            // Those would turn colours on for what a build server writes to a file.
            Enrichment = new() { UseDefaultEnrichers = false },
        });
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = EndlessWidth;
        }

        return console;
    }
}
