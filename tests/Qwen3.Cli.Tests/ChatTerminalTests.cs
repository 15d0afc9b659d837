namespace Qwen3.Cli.Tests;

/// <summary>Tests chat at a pseudo-terminal, which a program of Linux provides.</summary>
public sealed class ChatTerminalTests
{
    private const string Prompt = "> ", Up = "\e[A", Left = "\e[D", Backspace = "\x7f", CtrlC = "\x03", CtrlD = "\x04";

    private static readonly Dictionary<string, string?> s_nothing = [];

    [Fact]
    public async Task A_conversation_at_a_terminal_supports_all_keys()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var terminal = Chat(s_nothing, NanoModels.Thinking);
        // Loading is shown and wiped out again; what explains is dim.
        string start = await terminal.WaitForAsync(Prompt);
        Assert.Contains("Loading qwen3-nano-thinking-2507-q8_0.gguf", start);
        Assert.Contains("\r\e[K\e[2mQwen3-Nano-Thinking-2507. /help for help, Ctrl+D to leave.\e[0m", start,
            StringComparison.Ordinal);

        // A line is edited in its middle; reasoning is dim and the answer is not.
        terminal.Type($"Helo!x{Backspace}{Left}{Left}l\r");
        string answer = await terminal.WaitForAsync("today?");
        Assert.Contains("> Hello!", answer);
        Assert.Contains("\e[2mA\e[0m\e[2m simple\e[0m", answer, StringComparison.Ordinal);
        Assert.EndsWith("Hello! How can I help you today?", answer);

        // The line before comes back, and Ctrl+C drops it.
        await terminal.WaitForAsync(Prompt);
        terminal.Type(Up);
        await terminal.WaitForAsync("> Hello!");
        terminal.Type(CtrlC);
        await terminal.WaitForAsync("\e[J> \r");

        // Several lines: by Alt+Enter, by a backslash, and pasted.
        terminal.Type("/system You are\e\rkind,\\\rand brief.\r");
        Assert.Contains("System message: You are\r\nkind,\r\nand brief.", await terminal.WaitForAsync("brief.\e[0m"));
        await terminal.WaitForAsync(Prompt);
        terminal.Type("/system one\rtwo\r");
        Assert.Contains("System message: one\r\ntwo", await terminal.WaitForAsync("two\e[0m"));

        // Without thinking nothing is dim.
        await terminal.WaitForAsync(Prompt);
        terminal.Type("Hello! /no_think\r");
        await terminal.WaitForAsync("/no_think\r");
        Assert.DoesNotContain("\e[2m", await terminal.WaitForAsync(Prompt), StringComparison.Ordinal);

        terminal.Type("/stats\r");
        Assert.Matches(@"4 messages, \d+ tokens\. Last answer: prompt \d+ tokens", await terminal.WaitForAsync("per second."));

        await terminal.WaitForAsync(Prompt);
        terminal.Type(CtrlD);
        Assert.Equal(0, await terminal.EndAsync());
    }

    [Fact]
    public async Task Ctrl_C_stops_an_answer_and_neither_the_conversation_nor_the_tools()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var terminal = Chat(s_nothing, NanoModels.Instruct, "--mcp", Files.McpServer);
        Assert.Contains("Tools: get_weather.", await terminal.WaitForAsync(Prompt));
        terminal.Type("What is the weather in Oslo?\r");
        await terminal.WaitForAsync("→ get_weather({\"city\":\"Oslo\"})");
        await terminal.WaitForAsync("Run get_weather? once, always or never: ");
        terminal.Type("always\r");
        await terminal.WaitForAsync("always\r\n");
        terminal.Type(CtrlC);
        await terminal.WaitForAsync("(stopped)");
        await terminal.WaitForAsync(Prompt);

        terminal.Type("What is the weather in Paris?\r");
        Assert.Contains("← sunny, 21 degrees", await terminal.WaitForAsync("It is sunny in Paris with 21 degrees."));
        await terminal.WaitForAsync(Prompt);
        terminal.Type(CtrlC);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.DoesNotContain("The weather server is up.", terminal.Shown);
    }

    [Fact]
    public async Task A_tool_runs_only_when_the_person_permits_it()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const string Question = "Run get_weather? once, always or never: ";
        using var terminal = Chat(s_nothing, NanoModels.Instruct, "--mcp", Files.McpServer);
        await terminal.WaitForAsync(Prompt);
        terminal.Type("What is the weather in Paris?\r");
        await terminal.WaitForAsync(Question);
        // Not an answer: the question is asked again.
        terminal.Type("perhaps\r");
        await terminal.WaitForAsync(Question);
        terminal.Type($"nx{Backspace}o\r");
        await terminal.WaitForAsync("← This call was not executed: the user does not permit get_weather.");
        Assert.DoesNotContain("sunny, 21 degrees", terminal.Shown);

        await terminal.WaitForAsync(Prompt);
        terminal.Type("What is the weather in Paris?\r");
        await terminal.WaitForAsync("← This call was not executed");
        await terminal.WaitForAsync(Prompt);
        terminal.Type(CtrlD);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Equal(2, terminal.Shown.Split(Question).Length - 1);
    }

    [Fact]
    public async Task Ctrl_C_at_the_question_about_a_tool_stops_the_answer()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var terminal = Chat(s_nothing, NanoModels.Instruct, "--mcp", Files.McpServer);
        await terminal.WaitForAsync(Prompt);
        terminal.Type("What is the weather in Paris?\r");
        await terminal.WaitForAsync("Run get_weather? once, always or never: ");
        terminal.Type(CtrlC);
        await terminal.WaitForAsync("(stopped)");
        await terminal.WaitForAsync(Prompt);
        terminal.Type("What is the weather in Paris?\r");
        await terminal.WaitForAsync("Run get_weather? once, always or never: ");
        terminal.Type("yes\r");
        await terminal.WaitForAsync("It is sunny in Paris with 21 degrees.");
        await terminal.WaitForAsync(Prompt);
        terminal.Type(CtrlD);
        Assert.Equal(0, await terminal.EndAsync());
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public async Task NO_COLOR_and_a_dumb_terminal_get_plain_output(string variable, string value)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var terminal = Chat(new Dictionary<string, string?> { [variable] = value }, NanoModels.Thinking);
        await terminal.WaitForAsync("to leave.");
        terminal.Type("Hello!\r");
        await terminal.WaitForAsync("A simple message, so I answer directly.\r\nHello! How can I help you today?");
        terminal.Type("/exit\r");
        Assert.Equal(0, await terminal.EndAsync());
        Assert.DoesNotContain("\e[2m", terminal.Shown, StringComparison.Ordinal);
        if (variable == "TERM")
        {
            Assert.DoesNotContain('\e', terminal.Shown);
        }
    }

    private static PseudoTerminal Chat(
        IReadOnlyDictionary<string, string?> environment, string model, params string[] args) =>
        new(environment, ["chat", model, "--threads", "1", "--temperature", "0", .. args]);
}
