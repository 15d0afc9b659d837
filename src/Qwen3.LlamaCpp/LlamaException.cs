namespace Qwen3.LlamaCpp;

/// <summary>A failure inside llama.cpp, or one that would have happened there and was caught before.</summary>
/// <remarks>The process and every other request survive it. More specific failures derive from this type.</remarks>
public class LlamaException : Qwen3Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, with the value, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public LlamaException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
