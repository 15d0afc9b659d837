using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>A Qwen3 model on this machine.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed record FoundModel
{
    internal FoundModel()
    {
    }

    /// <summary>Gets the file; of a split model its first part, which is the one to load.</summary>
    public required string Path { get; init; }

    /// <summary>Gets all files of the model, the first part first; one if it is not split.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Gets the size of all files together in bytes.</summary>
    public required long SizeInBytes { get; init; }

    /// <summary>Gets the name that the model's file gives it, or the file's own.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the variant, which is read off the file's chat template; <see langword="null"/> if it has none.</summary>
    public required Qwen3Variant? Variant { get; init; }

    /// <summary>
    /// Gets the quantization as the file's name has it, or else as its header has it, such as <c>Q4_K_M</c>; <see langword="null"/> if neither does.
    /// </summary>
    public required string? Quantization { get; init; }

    /// <summary>Gets where it was found.</summary>
    public required ModelLocation Location { get; init; }

    /// <summary>Gets the number of layers and their width, which tell models of one family apart.</summary>
    internal (int Layers, int Width) Shape { get; private init; }

    /// <summary>
    /// Gets the repository that it is from, as <c>owner/name</c>, where the place says so; in Ollama's store the model's name there.
    /// </summary>
    public string? Repository { get; init; }

    /// <summary>Reads the header of a model's file.</summary>
    /// <exception cref="ModelFileException">The file is no GGUF file, or damaged, or a part is missing.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture.</exception>
    internal static FoundModel Read(string path, ModelLocation location, string? repository, string? fileName = null)
    {
        var file = ModelFile.Read(path);
        return new()
        {
            Path = file.Path,
            Files = file.Files,
            SizeInBytes = file.SizeInBytes,
            Name = file.Name,
            Variant = Qwen3Variants.TryDetect(file),
            Quantization = GgufName.Read(fileName ?? path)?.Quantization ?? file.Quantization,
            Location = location,
            Repository = repository,
            Shape = (file.LayerCount, file.EmbeddingLength),
        };
    }
}
