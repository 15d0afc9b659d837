using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class Choice
{
    [JsonPropertyName("index")]
    public int Index { get; init; }

    [JsonPropertyName("message")]
    public required AnswerMessage Message { get; init; }

    [JsonPropertyName("finish_reason")]
    public required string FinishReason { get; init; }
}
