using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class CompletionTokensDetails
{
    [JsonPropertyName("reasoning_tokens")]
    public required long ReasoningTokens { get; init; }
}
