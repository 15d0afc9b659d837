using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ToolCall
{
    /// <summary>The call's place among those of the answer; in chunks only.</summary>
    [JsonPropertyName("index")]
    public int? Index { get; init; }

    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("function")]
    public CalledFunction? Function { get; init; }
}
