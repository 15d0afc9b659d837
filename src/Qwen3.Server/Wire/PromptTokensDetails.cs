using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class PromptTokensDetails
{
    /// <summary>How many of the prompt's tokens were computed for an earlier request.</summary>
    [JsonPropertyName("cached_tokens")]
    public required long CachedTokens { get; init; }
}
