namespace Qwen3.LlamaCpp;

/// <summary>A model file cannot be used: it is no GGUF file, is damaged or truncated, or llama.cpp refused it.</summary>
public class ModelFileException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="message">What was wrong with it, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public ModelFileException(string path, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Path = path;
    }

    /// <summary>Gets the model file.</summary>
    public string Path { get; }
}
