using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ModelList
{
    [JsonPropertyName("object")]
    public string Object { get; init; } = "list";

    [JsonPropertyName("data")]
    public required IReadOnlyList<ModelCard> Data { get; init; }
}
