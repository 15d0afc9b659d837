using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>
/// A model could not be fetched from its hub. The bytes that were received are kept; the next attempt resumes.
/// </summary>
public class ModelFetchException : Qwen3Exception
{
    private readonly bool _isTransient;

    /// <summary>Initializes a new instance of the <see cref="ModelFetchException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public ModelFetchException(string repository, string message, Exception? innerException = null)
        : this(repository, message, isTransient: false, innerException)
    {
    }

    internal ModelFetchException(string repository, string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException)
    {
        Repository = repository;
        _isTransient = isTransient;
    }

    /// <summary>Gets the repository, as <c>owner/name</c>.</summary>
    public string Repository { get; }

    /// <summary>
    /// Gets a value indicating whether a later attempt can succeed without any change: the hub was unreachable, busy or
    /// failing, or the connection was lost.
    /// </summary>
    public override bool IsTransient => _isTransient;
}

/// <summary>
/// The hub refused access to a model: the repository is gated or private, and the token is missing, wrong or without
/// permission (401, 403), or the file with the token cannot be read.
/// </summary>
public sealed class ModelAccessException : ModelFetchException
{
    /// <summary>Initializes a new instance of the <see cref="ModelAccessException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public ModelAccessException(string repository, string message, Exception? innerException = null)
        : base(repository, message, innerException)
    {
    }
}

/// <summary>The received file has another checksum than the hub states. The file was deleted.</summary>
public sealed class ModelChecksumException : ModelFetchException
{
    /// <summary>Initializes a new instance of the <see cref="ModelChecksumException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    public ModelChecksumException(string repository, string message)
        : base(repository, message)
    {
    }
}

/// <summary>The hub has no such repository, or the repository has no such file or quantization.</summary>
public sealed class ModelNotFoundException : ModelFetchException
{
    /// <summary>Initializes a new instance of the <see cref="ModelNotFoundException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="availableFiles">The GGUF files of the repository; none if there is no such repository.</param>
    public ModelNotFoundException(string repository, string message, IReadOnlyList<string>? availableFiles = null)
        : base(repository, message)
    {
        AvailableFiles = availableFiles ?? [];
    }

    /// <summary>Gets the GGUF files of the repository; none if there is no such repository.</summary>
    public IReadOnlyList<string> AvailableFiles { get; }
}

/// <summary>A model is not on this machine, and fetching is switched off.</summary>
public sealed class ModelOfflineException : ModelFetchException
{
    /// <summary>Initializes a new instance of the <see cref="ModelOfflineException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    public ModelOfflineException(string repository, string message)
        : base(repository, message)
    {
    }
}

/// <summary>The disk has too little free space for a model.</summary>
public sealed class InsufficientDiskSpaceException : ModelFetchException
{
    /// <summary>Initializes a new instance of the <see cref="InsufficientDiskSpaceException"/> class.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="requiredBytes">The number of bytes that still have to be written.</param>
    /// <param name="availableBytes">The number of free bytes.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public InsufficientDiskSpaceException(
        string repository, string message, long requiredBytes, long availableBytes, Exception? innerException = null)
        : base(repository, message, innerException)
    {
        RequiredBytes = requiredBytes;
        AvailableBytes = availableBytes;
    }

    /// <summary>Gets the number of bytes that still have to be written.</summary>
    public long RequiredBytes { get; }

    /// <summary>Gets the number of free bytes.</summary>
    public long AvailableBytes { get; }
}
