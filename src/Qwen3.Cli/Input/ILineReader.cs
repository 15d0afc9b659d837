namespace Qwen3.Cli.Input;

/// <summary>Where a chat's messages come from.</summary>
internal interface ILineReader
{
    /// <summary>Reads the next message.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The message, in one line or several, or <see langword="null"/> when there will be no more.</returns>
    Task<string?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>A token that is cancelled when somebody wants what is under way to stop, until the scope is disposed.</summary>
    /// <param name="cancellationToken">Cancels it too.</param>
    InterruptScope Interruptible(CancellationToken cancellationToken);
}
