using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ChunkChoice
{
    [JsonPropertyName("index")]
    public int Index { get; init; }

    [JsonPropertyName("delta")]
    public required Delta Delta { get; init; }

    /// <summary>Null, and written as such, until the answer ends.</summary>
    [JsonPropertyName("finish_reason")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }
}
