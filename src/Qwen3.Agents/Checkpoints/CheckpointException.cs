using Qwen3.LlamaCpp;

namespace Qwen3.Agents;

/// <summary>A checkpoint, or the folder that holds checkpoints, cannot be read or written.</summary>
public sealed class CheckpointException : Qwen3Exception
{
    /// <summary>Initializes a new instance of the <see cref="CheckpointException"/> class.</summary>
    /// <param name="message">What failed, with the file, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public CheckpointException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets a value indicating whether the file is a checkpoint, of which a part cannot be used.</summary>
    internal bool IsCheckpoint { get; init; }
}
