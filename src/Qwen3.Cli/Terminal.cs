using Spectre.Console;

namespace Qwen3.Cli;

/// <summary>The input and output of commands, and the capabilities of the terminal.</summary>
internal sealed class Terminal
{
    // Redirected output is not wrapped.
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

    /// <summary>Whether the input comes from a keyboard.</summary>
    public bool IsInputInteractive { get; private init; }

    /// <summary>Whether lines can be edited in place.</summary>
    public bool CanEdit { get; private init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        bool isPlain = isDumb || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        bool isInteractive = !Console.IsInputRedirected;
        // Piped input is UTF-8, whatever the encoding of the console is.
        TextReader input = isInteractive ? Console.In : new StreamReader(Console.OpenStandardInput());
        return new(input, Console.Out, Console.Error, !Console.IsOutputRedirected
            && !isPlain, !Console.IsErrorRedirected && !isPlain)
        {
            IsInputInteractive = isInteractive,
            CanEdit = isInteractive && !Console.IsOutputRedirected && !isDumb,
        };
    }

    /// <summary>Writes an explanatory line, dimmed on a terminal.</summary>
    public void WriteNote(string text) => Out.WriteLine(Dim(text));

    public void WriteErrorNote(string text) => Error.WriteLine(DimError(text));

    /// <summary>Writes an error without control characters.</summary>
    public void WriteError(string text) => Error.WriteLine(Printable(text, ErrorTables));

    /// <summary>Writes a line of output without control characters.</summary>
    public void WriteLine(string text) => Out.WriteLine(Printable(text));

    /// <summary>Returns a text for <see cref="Tables"/> without control characters and with markup escaped.</summary>
    public string Cell(string text) => Markup.Escape(Printable(text));

    /// <summary>
    /// Returns a text for <see cref="ErrorTables"/> without control characters and with markup escaped.
    /// </summary>
    public string ErrorCell(string text) => Markup.Escape(Printable(text, ErrorTables));

    /// <summary>
    /// Returns a text of a model, a file or a tool without control characters if the output is a terminal.
    /// </summary>
    public string Printable(string text) => Printable(text, Tables);

    public string Dim(string text) => Dim(text, Tables);

    public string DimError(string text) => Dim(text, ErrorTables);

    private static string Dim(string text, IAnsiConsole console) =>
        console.Profile.Capabilities.Ansi && text.Length > 0
            ? $"\e[2m{Printable(text, console)}\e[0m"
            : Printable(text, console);

    /// <summary>Removes the control characters that a terminal obeys from a text; line breaks and tabs stay.</summary>
    public static string WithoutControls(string text) =>
        string.Concat(text.Where(character => !char.IsControl(character) || character is '\n' or '\t'));

    private static string Printable(string text, IAnsiConsole console) =>
        console.Profile.Out.IsTerminal ? WithoutControls(text) : text;

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new()
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            // The default enrichers switch colours on for the log files of build servers.
            Enrichment = new() { UseDefaultEnrichers = false },
        });
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = EndlessWidth;
        }

        return console;
    }
}
