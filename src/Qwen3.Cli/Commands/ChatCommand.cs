using System.CommandLine;
using Qwen3.Cli.Conversation;
using Qwen3.Cli.Input;
using Qwen3.Cli.Models;

namespace Qwen3.Cli.Commands;

/// <summary>A conversation at the terminal.</summary>
internal sealed class ChatCommand : CliCommand
{
    private readonly Argument<string?> _model = new("model")
    {
        Description = ModelChoice.Description,
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly ModelOptions _settings = new();
    private readonly Option<bool> _allowTools = new("--allow-tools")
    {
        Description = "Run the tools of --mcp without asking.",
    };

    public ChatCommand(Terminal terminal)
        : base(
            terminal,
            "chat",
            "Chat with a model. /help lists the commands.",
            "qwen3 chat",
            "qwen3 chat Qwen3-4B-Thinking-2507-Q4_K_M.gguf --thinking-budget 2000",
            "qwen3 chat --mcp \"npx -y @modelcontextprotocol/server-everything\"")
    {
        Arguments.Add(_model);
        _settings.AddTo(this);
        Options.Add(_allowTools);
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        string path = ModelChoice.Resolve(options.GetValue(_model), cancellationToken);
        // From here on Ctrl+C is a key; it ends the command while the model is loading.
        KeyReader? keys = Terminal.CanEdit ? KeyReader.Start() : null;
        ILineReader input = keys is null
            ? new PlainLineReader(Terminal.In, Terminal.Out)
            : new LineEditor(keys, Terminal.Out, () => (Console.WindowWidth, Console.WindowHeight));
        // A script has named the servers and cannot answer questions.
        var gate = new ToolGate(Terminal.IsInputInteractive && !options.GetValue(_allowTools)
            ? (question, token) => input.AskAsync(Terminal.Printable(question), token)
            : null);
        await using ChatModel model = await OpenAsync(path, options, keys, gate, cancellationToken);
        if (Terminal.IsInputInteractive)
        {
            string tools = model.Options.Tools is { Count: > 0 } offered
                ? $" Tools: {string.Join(", ", offered.Select(tool => tool.Name))}."
                : "";
            Terminal.WriteNote($"{model.Name}.{tools} /help for help, Ctrl+D to leave.");
        }

        var session = new ChatSession(model) { System = _settings.System(options) };
        bool hasAllAnswers = await new ChatLoop(Terminal, input, session).RunAsync(cancellationToken);
        // A person has seen the errors; a script needs the exit code.
        return hasAllAnswers || Terminal.IsInputInteractive ? ExitCode.Success : ExitCode.Failure;
    }

    private async Task<ChatModel> OpenAsync(
        string path, ParseResult options, KeyReader? keys, ToolGate gate, CancellationToken cancellationToken)
    {
        if (keys is null)
        {
            return await ChatModel.OpenAsync(Terminal, path, _settings, options, gate, cancellationToken);
        }

        using InterruptScope interrupt = keys.Interruptible(cancellationToken);
        try
        {
            return await ChatModel.OpenAsync(Terminal, path, _settings, options, gate, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            throw new CommandException("Stopped while the model was loading.", ExitCode.Cancelled);
        }
    }
}
