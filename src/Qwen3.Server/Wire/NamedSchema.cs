using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class NamedSchema
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("schema")]
    public JsonElement? Schema { get; init; }
}
