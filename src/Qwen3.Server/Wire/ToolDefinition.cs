using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class ToolDefinition
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("function")]
    public FunctionDefinition? Function { get; init; }
}
