using System.CommandLine;
using Qwen3.Cli.Conversation;
using Qwen3.Cli.Input;
using Qwen3.Cli.Models;

namespace Qwen3.Cli.Commands;

/// <summary>A conversation at the terminal.</summary>
internal sealed class ChatCommand : CliCommand
{
    private readonly Argument<string?> _model = new("model") { Description = ModelChoice.Description, Arity = ArgumentArity.ZeroOrOne };
    private readonly ModelOptions _settings = new();

    public ChatCommand(Terminal terminal)
        : base(
            terminal,
            "chat",
            "Talk with a model. /help lists what can be said beside questions.",
            "qwen3 chat",
            "qwen3 chat Qwen3-4B-Thinking-2507-Q4_K_M.gguf --thinking-budget 2000",
            "qwen3 chat --mcp \"npx -y @modelcontextprotocol/server-everything\"")
    {
        Arguments.Add(_model);
        _settings.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        string path = ModelChoice.Resolve(options.GetValue(_model), cancellationToken);
        // From here on Ctrl+C is a key; while the model is loaded it ends the command.
        KeyReader? keys = Terminal.CanEdit ? KeyReader.Start() : null;
        await using ChatModel model = await OpenAsync(path, options, keys, cancellationToken);
        ILineReader input = keys is null
            ? new PlainLineReader(Terminal.In)
            : new LineEditor(keys, Terminal.Out, () => (Console.WindowWidth, Console.WindowHeight));
        if (Terminal.IsInputInteractive)
        {
            string tools = model.Options.Tools is { Count: > 0 } offered ? $" Tools: {string.Join(", ", offered.Select(tool => tool.Name))}." : "";
            Terminal.WriteNote($"{model.Name}.{tools} /help for help, Ctrl+D to leave.");
        }

        var session = new ChatSession(model) { System = _settings.System(options) };
        bool hasAllAnswers = await new ChatLoop(Terminal, input, session).RunAsync(cancellationToken);
        // Whoever types has seen what failed; a script has its exit code.
        return hasAllAnswers || Terminal.IsInputInteractive ? ExitCode.Success : ExitCode.Failure;
    }

    private async Task<ChatModel> OpenAsync(string path, ParseResult options, KeyReader? keys, CancellationToken cancellationToken)
    {
        if (keys is null)
        {
            return await ChatModel.OpenAsync(Terminal, path, _settings, options, cancellationToken);
        }

        using InterruptScope interrupt = keys.Interruptible(cancellationToken);
        try
        {
            return await ChatModel.OpenAsync(Terminal, path, _settings, options, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            throw new CommandException("Stopped while the model was loaded.", ExitCode.Cancelled);
        }
    }
}
