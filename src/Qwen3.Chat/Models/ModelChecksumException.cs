namespace Qwen3.Chat.Models;

/// <summary>What came from the hub has another checksum than the hub says. It was thrown away; nothing of it is used.</summary>
public sealed class ModelChecksumException : ModelFetchException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    public ModelChecksumException(string repository, string message)
        : base(repository, message)
    {
    }
}
