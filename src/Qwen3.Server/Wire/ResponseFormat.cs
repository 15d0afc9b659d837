using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ResponseFormat
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("json_schema")]
    public NamedSchema? JsonSchema { get; init; }

    [Description("The schema alone, as llama-server and others take it beside either of the types of JSON.")]
    [JsonPropertyName("schema")]
    public JsonElement? Schema { get; init; }
}
