namespace Qwen3.Chat.Models;

/// <summary>A model could not be fetched from its hub. What had come of it is kept, and the next attempt goes on with it.</summary>
public class ModelFetchException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="repository">The repository, as <c>owner/name</c>.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public ModelFetchException(string repository, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Repository = repository;
    }

    /// <summary>Gets the repository, as <c>owner/name</c>.</summary>
    public string Repository { get; }
}
