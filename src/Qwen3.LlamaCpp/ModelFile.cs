using Qwen3.LlamaCpp.Gguf;

namespace Qwen3.LlamaCpp;

/// <summary>What a model file says of itself, read without loading the model.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class ModelFile
{
    private ModelFile(IReadOnlyList<string> files, GgufHeader header, ModelShape shape)
    {
        Files = files;
        SizeInBytes = header.FileBytes;
        Header = header;
        Shape = shape;
    }

    /// <summary>Gets the full path of the file; of a split model, of its first part.</summary>
    public string Path => Files[0];

    /// <summary>Gets the full paths of all parts of a split model, the first part first; one if it is not split.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Gets the size of the file in bytes, of a split model that of all parts.</summary>
    public long SizeInBytes { get; }

    /// <summary>
    /// Gets the scalar and string entries of the file's metadata by their GGUF keys, numbers in invariant notation. Arrays are left out.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata => Header.Metadata;

    /// <summary>Gets the model's own chat template in Jinja, or <see langword="null"/> if the file has none.</summary>
    public string? ChatTemplate => Metadata.GetValueOrDefault("tokenizer.chat_template");

    /// <summary>Gets the model's name as its file gives it, or the file's name without extension where it gives none.</summary>
    public string Name => Metadata.GetValueOrDefault("general.name") is { Length: > 0 } name ? name : System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>
    /// Gets the quantization that the file says it has, as names of files have it, such as <c>Q4_K_M</c>, or <see langword="null"/> if it does not.
    /// </summary>
    public string? Quantization => FileTypes.Name(Metadata.GetValueOrDefault("general.file_type"));

    /// <summary>Gets the width of the model: the length of a token's embedding.</summary>
    public int EmbeddingLength => Shape.EmbeddingLength;

    /// <summary>Gets the number of transformer blocks.</summary>
    public int LayerCount => Shape.LayerCount;

    /// <summary>Gets the largest context in tokens that the model was made for.</summary>
    public int ContextLength => Shape.ContextLength;

    internal GgufHeader Header { get; }

    internal ModelShape Shape { get; }

    /// <summary>Reads the header of a model file, and of each of its parts if it is split, and checks it.</summary>
    /// <param name="path">The file; of a split model, its first part.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or is damaged or truncated, or a part is missing.</exception>
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

        (GgufHeader header, IReadOnlyList<string> files) = SplitModel.Read(fullPath);
        string architecture = header.Metadata.GetValueOrDefault("general.architecture", "");
        if (architecture != ModelShape.Architecture)
        {
            throw new UnsupportedModelException(
                fullPath,
                architecture,
                $"{fullPath} holds a model of the architecture '{architecture}', and this library is made for '{ModelShape.Architecture}' " +
                "(Qwen3-4B-Instruct-2507, Qwen3-4B-Thinking-2507, Qwen3-4B). Give a GGUF file of one of these.");
        }

        return new(files, header, ModelShape.Read(fullPath, header));
    }
}
