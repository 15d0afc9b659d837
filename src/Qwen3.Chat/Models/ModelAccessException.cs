namespace Qwen3.Chat.Models;

/// <summary>The hub refused a model: it is gated or private, and the token is missing, wrong, or not allowed to read it (401, 403).</summary>
public sealed class ModelAccessException : ModelFetchException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    public ModelAccessException(string repository, string message)
        : base(repository, message)
    {
    }
}
