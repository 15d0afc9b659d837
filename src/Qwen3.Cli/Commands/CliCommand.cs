using System.CommandLine;

namespace Qwen3.Cli.Commands;

/// <summary>A command whose failures are lines on standard error and exit codes.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(Terminal terminal, string name, string description, params string[] examples)
        : base(name, description)
    {
        Terminal = terminal;
        Examples = examples;
        SetAction(InvokeAsync);
    }

    /// <summary>Command lines that the help shows.</summary>
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
        // Whatever it was: the shell gets its line and its exit code, and with --verbose the rest.
        catch (Exception e)
        {
            Terminal.WriteError(options.GetValue<bool>(Qwen3CommandLine.Verbose) ? e.ToString() : $"qwen3: {ErrorLine.For(e)}");
            return e is CommandException failure ? failure.ExitCode : ExitCode.Failure;
        }
    }
}
