namespace Qwen3.LlamaCpp;

/// <summary>The base class of all exceptions that the Qwen3 packages define.</summary>
/// <remarks>
/// Catch it to handle every failure of a model, a file, a download or a server in one place. Invalid arguments are
/// <see cref="ArgumentException"/>, cancellation is <see cref="OperationCanceledException"/>, as everywhere in .NET.
/// </remarks>
public abstract class Qwen3Exception : Exception
{
    /// <summary>Initializes a new instance of the <see cref="Qwen3Exception"/> class.</summary>
    /// <param name="message">What failed, with the offending value, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    protected Qwen3Exception(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Gets a value indicating whether the same operation can succeed when it is tried again later without any change.
    /// The default is <see langword="false"/>.
    /// </summary>
    public virtual bool IsTransient => false;
}
