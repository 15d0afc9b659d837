using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class FunctionDefinition
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [Description("A JSON schema, to which the arguments of calls are held.")]
    [JsonPropertyName("parameters")]
    public JsonElement? Parameters { get; init; }
}
