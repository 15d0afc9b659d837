using System.Text.Json.Serialization;

namespace Qwen3.Chat.Models.Finding;

/// <summary>What a manifest in Ollama's store says of a model's files, as far as it is read here. Anything may be missing.</summary>
internal sealed record OllamaManifest([property: JsonPropertyName("layers")] OllamaManifest.Layer?[]? Layers)
{
    internal sealed record Layer([property: JsonPropertyName("mediaType")] string? MediaType, [property: JsonPropertyName("digest")] string? Digest);
}
