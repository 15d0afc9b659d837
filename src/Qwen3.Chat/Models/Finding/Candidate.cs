namespace Qwen3.Chat.Models.Finding;

/// <summary>A GGUF file that may be a model.</summary>
/// <param name="Path">The file; of a split model the first part.</param>
/// <param name="Location">Where it is.</param>
/// <param name="Repository">The repository that it is from, where the place says so.</param>
/// <param name="Name">The name that it is known by: that of the file, or the one that a store gives it.</param>
internal sealed record Candidate(string Path, ModelLocation Location, string? Repository, string Name)
{
    /// <summary>The quantization as the name has it.</summary>
    public string? Quantization => GgufName.Read(Name)?.Quantization;
}
