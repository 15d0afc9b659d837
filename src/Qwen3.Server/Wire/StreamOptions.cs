using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class StreamOptions
{
    /// <summary>Whether a last chunk, without choices, tells the usage.</summary>
    [JsonPropertyName("include_usage")]
    public bool? IncludeUsage { get; init; }
}
