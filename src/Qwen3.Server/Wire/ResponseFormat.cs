using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ResponseFormat
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("json_schema")]
    public NamedSchema? JsonSchema { get; init; }
}
