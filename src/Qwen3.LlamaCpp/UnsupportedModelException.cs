namespace Qwen3.LlamaCpp;

/// <summary>A model file is sound, but holds a model that this library is not made for.</summary>
public sealed class UnsupportedModelException : ModelFileException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="architecture">The architecture named in the file.</param>
    /// <param name="message">What was wrong with it, and what to do.</param>
    public UnsupportedModelException(string path, string architecture, string message)
        : base(path, message)
    {
        Architecture = architecture;
    }

    /// <summary>Gets the architecture that the file names, as in its metadata key <c>general.architecture</c>.</summary>
    public string Architecture { get; }
}
