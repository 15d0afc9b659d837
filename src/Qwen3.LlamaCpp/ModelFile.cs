using Qwen3.LlamaCpp.Gguf;

namespace Qwen3.LlamaCpp;

/// <summary>What a model file says of itself, read without loading the model.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class ModelFile
{
    private ModelFile(string path, GgufHeader header, ModelShape shape)
    {
        Path = path;
        Header = header;
        Shape = shape;
    }

    /// <summary>Gets the full path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets the scalar and string entries of the file's metadata by their GGUF keys, numbers in invariant notation. Arrays are left out.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Header.Metadata;

    /// <summary>Gets the model's own chat template in Jinja, or <see langword="null"/> if the file has none.</summary>
    public string? ChatTemplate => Metadata.GetValueOrDefault("tokenizer.chat_template");

    /// <summary>Gets the model's name as its file gives it, or the file's name without extension where it gives none.</summary>
    public string Name => Metadata.GetValueOrDefault("general.name") is { Length: > 0 } name ? name : System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Gets the largest context in tokens that the model was made for.</summary>
    public int ContextLength => Shape.ContextLength;

    internal GgufHeader Header { get; }

    internal ModelShape Shape { get; }

    /// <summary>Reads the header of a model file and checks it.</summary>
    /// <param name="path">The file; of a split model, its first part.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or is damaged or truncated.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    public static ModelFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string fullPath = System.IO.Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            throw new FileNotFoundException(
                Directory.Exists(fullPath)
                    ? $"{fullPath} is a directory; give the path of a GGUF file in it."
                    : $"There is no model file {fullPath}. Give the path of a Qwen3 model in GGUF format.",
                fullPath);
        }

        GgufHeader header = GgufHeader.Read(fullPath);
        string architecture = header.Metadata.GetValueOrDefault("general.architecture", "");
        if (architecture != ModelShape.Architecture)
        {
            throw new UnsupportedModelException(
                fullPath,
                architecture,
                $"{fullPath} holds a model of the architecture '{architecture}', and this library is made for '{ModelShape.Architecture}' " +
                "(Qwen3-4B-Instruct-2507, Qwen3-4B-Thinking-2507, Qwen3-4B). Give a GGUF file of one of these.");
        }

        return new(fullPath, header, ModelShape.Read(fullPath, header));
    }
}
