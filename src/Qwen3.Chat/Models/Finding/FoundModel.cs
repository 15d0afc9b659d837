using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>A Qwen3 model on this machine.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed record FoundModel
{
    internal FoundModel()
    {
    }

    /// <summary>Gets the file to load; of a split model the first part.</summary>
    public required string Path { get; init; }

    /// <summary>Gets all files of the model, the first part first; one if the model is not split.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Gets the size of all files in bytes.</summary>
    public required long SizeInBytes { get; init; }

    /// <summary>Gets the name in the header of the file, or the name of the file.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the variant by the chat template of the file, or <see langword="null"/> if it has none.</summary>
    public required Qwen3Variant? Variant { get; init; }

    /// <summary>
    /// Gets the quantization in the name of the file, else in its header, such as <c>Q4_K_M</c>; <see langword="null"/>
    /// if neither has one.
    /// </summary>
    public required string? Quantization { get; init; }

    /// <summary>Gets the location in which the model was found.</summary>
    public required ModelLocation Location { get; init; }

    /// <summary>Gets the number of layers and their width, which tell models of one family apart.</summary>
    internal (int Layers, int Width) Shape { get; private init; }

    /// <summary>
    /// Gets the repository as <c>owner/name</c>, or the name in Ollama's store; <see langword="null"/> if the location
    /// does not tell it.
    /// </summary>
    public string? Repository { get; init; }

    /// <summary>Reads the header of a model file.</summary>
    /// <exception cref="ModelFileException">The file is not a GGUF file, is damaged, or a part is missing.</exception>
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

/// <summary>The locations on this machine that models are found in.</summary>
public enum ModelLocation
{
    /// <summary>A file that was given by its path.</summary>
    Path,

    /// <summary>This library's own folder, or one of <see cref="ModelHubOptions.Folders"/>.</summary>
    Folder,

    /// <summary>The cache of the Hugging Face Hub, which this library fetches into and other tools share.</summary>
    HuggingFaceCache,

    /// <summary>The models folder of LM Studio.</summary>
    LmStudio,

    /// <summary>The folder that llama.cpp used before it adopted the Hugging Face cache.</summary>
    LlamaCpp,

    /// <summary>The store of Ollama.</summary>
    Ollama,

    /// <summary>
    /// The cache of ModelScope's tools, or the folder that this library fetches models of ModelScope into.
    /// </summary>
    ModelScopeCache,
}
