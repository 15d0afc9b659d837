namespace Qwen3.LlamaCpp;

/// <summary>A file of saved keys and values cannot be used: it is damaged or truncated, of another model, or could not be written.</summary>
public sealed class StateFileException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="message">What was wrong with it, and what to do.</param>
    public StateFileException(string path, string message)
        : base(message)
    {
        Path = path;
    }

    /// <summary>Gets the file.</summary>
    public string Path { get; }
}
