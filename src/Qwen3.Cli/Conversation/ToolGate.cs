using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Conversation;

/// <summary>
/// Decides which tools of MCP servers run: a person is asked before the first use of each, and again when many calls
/// follow one another.
/// </summary>
/// <param name="ask">
/// Asks the person and returns the answer in a line; <see langword="null"/> if nobody can be asked.
/// </param>
internal sealed class ToolGate(Func<string, CancellationToken, Task<string?>>? ask)
{
    /// <summary>
    /// The number of calls for one message after which the person is asked again, or no further call runs.
    /// </summary>
    public const int MaxCallsInARow = 10;

    private readonly HashSet<string> _always = new(StringComparer.Ordinal), _never = new(StringComparer.Ordinal);
    private int _calls;

    /// <summary>Whether somebody is asked.</summary>
    public bool Asks => ask is not null;

    /// <summary>Starts a message of the person, which starts the count of calls.</summary>
    public void BeginMessage() => _calls = 0;

    /// <summary>
    /// Returns a function that runs only if this gate permits it, and whose result is a text of bounded length.
    /// </summary>
    public AIFunction Guard(AIFunction tool) => new GuardedFunction(tool, this);

    /// <summary>
    /// Returns why a call does not run, in words for the model, or <see langword="null"/> if it runs.
    /// </summary>
    private async Task<string?> RefuseAsync(string tool, CancellationToken cancellationToken)
    {
        bool isLimit = ++_calls > MaxCallsInARow && _calls % MaxCallsInARow == 1;
        if (ask is null)
        {
            return _calls <= MaxCallsInARow
                ? null
                : $"This call was not executed: the limit of {MaxCallsInARow} calls for one message is reached. " +
                "Answer without further calls.";
        }

        if (_never.Contains(tool) || (_always.Contains(tool) && !isLimit))
        {
            return _never.Contains(tool) ? Refused(tool) : null;
        }

        string limit = isLimit ? $"{_calls - 1} calls for this message. " : "";
        switch (await AskAsync($"{limit}Run {tool}? once, always or never: ", cancellationToken))
        {
            case 'o':
                return null;
            case 'a':
                _always.Add(tool);
                return null;
            default:
                _never.Add(tool);
                return Refused(tool);
        }
    }

    private async Task<char> AskAsync(string question, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch ((await ask!(question, cancellationToken))?.Trim().ToLowerInvariant())
            {
                case "o" or "once" or "y" or "yes" or "j" or "ja" or "ok":
                    return 'o';
                case "a" or "always":
                    return 'a';
                case null or "n" or "no" or "nein" or "never":
                    return 'n';
            }
        }
    }

    private static string Refused(string tool) =>
        $"This call was not executed: the user does not permit {tool}. Answer without it.";

    private sealed class GuardedFunction(AIFunction tool, ToolGate gate) : DelegatingAIFunction(tool)
    {
        protected override async ValueTask<object?> InvokeCoreAsync(
            AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            if (await gate.RefuseAsync(Name, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            // A server that ignores the cancellation is not waited for.
            object? result = await base.InvokeCoreAsync(arguments, cancellationToken)
                .AsTask()
                .WaitAsync(cancellationToken);
            return ToolResult.Text(result);
        }
    }
}
