using System.CommandLine;

namespace Qwen3.Cli.Commands;

/// <summary>A command that reports failures in a line on standard error and by its exit code.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(Terminal terminal, string name, string description, params string[] examples)
        : base(name, description)
    {
        Terminal = terminal;
        Examples = examples;
        SetAction(InvokeAsync);
    }

    /// <summary>The examples of the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    protected Terminal Terminal { get; }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult options, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(options, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        // Every failure ends with a line and an exit code; --verbose adds the stack trace.
        catch (Exception e)
        {
            Terminal.WriteError(
                options.GetValue<bool>(Qwen3CommandLine.Verbose) ? e.ToString() : $"qwen3: {ErrorLine.For(e)}");
            return e is CommandException failure ? failure.ExitCode : ExitCode.Failure;
        }
    }
}
