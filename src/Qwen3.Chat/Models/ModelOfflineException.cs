namespace Qwen3.Chat.Models;

/// <summary>A model is not on this machine, and nothing may be fetched.</summary>
public sealed class ModelOfflineException : ModelFetchException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    public ModelOfflineException(string repository, string message)
        : base(repository, message)
    {
    }
}
