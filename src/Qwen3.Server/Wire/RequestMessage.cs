using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class RequestMessage
{
    [JsonPropertyName("role")]
    public string? Role { get; init; }

    /// <summary>A text or a list of parts.</summary>
    [JsonPropertyName("content")]
    public JsonElement? Content { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The reasoning of an earlier answer, as DeepSeek, llama-server and this server name it.</summary>
    [JsonPropertyName("reasoning_content")]
    public string? ReasoningContent { get; init; }

    /// <summary>The same, as newer versions of vLLM name it.</summary>
    [JsonPropertyName("reasoning")]
    public string? Reasoning { get; init; }

    [JsonPropertyName("tool_calls")]
    public List<ToolCall?>? ToolCalls { get; init; }

    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }
}
