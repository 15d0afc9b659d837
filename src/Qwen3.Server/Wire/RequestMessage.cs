using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

internal sealed class RequestMessage
{
    [JsonPropertyName("role")]
    public string? Role { get; init; }

    [Description("A text, or a list of parts of the type text.")]
    [JsonPropertyName("content")]
    public JsonElement? Content { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [Description("The reasoning of an earlier answer, to be given back between the steps of a loop of calls.")]
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

internal sealed class ToolDefinition
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("function")]
    public FunctionDefinition? Function { get; init; }
}

internal sealed class FunctionDefinition
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [Description("A JSON schema, to which the arguments of calls are held.")]
    [JsonPropertyName("parameters")]
    public JsonElement? Parameters { get; init; }
}
