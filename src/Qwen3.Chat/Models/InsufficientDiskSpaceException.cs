namespace Qwen3.Chat.Models;

/// <summary>A model does not fit on the disk.</summary>
public sealed class InsufficientDiskSpaceException : ModelFetchException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="requiredBytes">How many bytes are still to be written.</param>
    /// <param name="availableBytes">How many bytes are free.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public InsufficientDiskSpaceException(
        string repository, string message, long requiredBytes, long availableBytes, Exception? innerException = null)
        : base(repository, message, innerException)
    {
        RequiredBytes = requiredBytes;
        AvailableBytes = availableBytes;
    }

    /// <summary>Gets how many bytes are still to be written.</summary>
    public long RequiredBytes { get; }

    /// <summary>Gets how many bytes are free.</summary>
    public long AvailableBytes { get; }
}
