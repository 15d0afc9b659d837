namespace Qwen3.LlamaCpp;

/// <summary>The llama.cpp library is missing, is of another version, cannot be loaded, or does not exist for this platform.</summary>
/// <remarks>The message names the file that was looked for, every place searched, what the system answered, and the way out.</remarks>
public sealed class LlamaLibraryException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, with the places searched, and what to do.</param>
    /// <param name="innerException">The loader's own error, if it gave one.</param>
    public LlamaLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
