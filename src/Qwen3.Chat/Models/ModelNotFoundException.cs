namespace Qwen3.Chat.Models;

/// <summary>The hub has no such repository, or the repository no such file or quantization.</summary>
public sealed class ModelNotFoundException : ModelFetchException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="availableFiles">The GGUF files that there are; none if the repository is not there.</param>
    public ModelNotFoundException(string repository, string message, IReadOnlyList<string>? availableFiles = null)
        : base(repository, message)
    {
        AvailableFiles = availableFiles ?? [];
    }

    /// <summary>Gets the GGUF files that the repository has; none if the repository is not there.</summary>
    public IReadOnlyList<string> AvailableFiles { get; }
}
