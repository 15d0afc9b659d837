using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class CalledFunction
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>A JSON object, as text.</summary>
    [JsonPropertyName("arguments")]
    public string? Arguments { get; init; }
}
