namespace Qwen3.Cli.Input;

/// <summary>The input of a chat.</summary>
internal interface ILineReader
{
    /// <summary>Reads the next message.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The message, in one line or several, or <see langword="null"/> if the input has ended.</returns>
    Task<string?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Asks a question and reads a line, which is not a message of the conversation.</summary>
    /// <param name="question">The question, shown as it is.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The line, or <see langword="null"/> if the input has ended or Ctrl+D was pressed.</returns>
    Task<string?> AskAsync(string question, CancellationToken cancellationToken);

    /// <summary>Returns a scope whose token is cancelled when the person presses Ctrl+C.</summary>
    /// <param name="cancellationToken">Cancels the token too.</param>
    InterruptScope Interruptible(CancellationToken cancellationToken);
}

/// <summary>An activity that Ctrl+C cancels, until the scope is disposed.</summary>
internal sealed class InterruptScope(CancellationTokenSource source, Action? onDispose = null) : IDisposable
{
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        onDispose?.Invoke();
        source.Dispose();
    }
}
