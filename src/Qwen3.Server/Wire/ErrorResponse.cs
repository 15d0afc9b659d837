using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ErrorResponse
{
    [JsonPropertyName("error")]
    public required ErrorBody Error { get; init; }
}
