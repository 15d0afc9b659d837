using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

/// <summary>What a client asks for. Fields that are not here are passed over.</summary>
internal sealed class ChatCompletionRequest
{
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    [JsonPropertyName("messages")]
    public List<RequestMessage?>? Messages { get; init; }

    [JsonPropertyName("stream")]
    public bool? Stream { get; init; }

    [JsonPropertyName("stream_options")]
    public StreamOptions? StreamOptions { get; init; }

    [JsonPropertyName("tools")]
    public List<ToolDefinition?>? Tools { get; init; }

    /// <summary>A word, or an object that names a function.</summary>
    [JsonPropertyName("tool_choice")]
    public JsonElement? ToolChoice { get; init; }

    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls { get; init; }

    [JsonPropertyName("response_format")]
    public ResponseFormat? ResponseFormat { get; init; }

    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens { get; init; }

    /// <summary>The older name of <see cref="MaxCompletionTokens"/>, which wins.</summary>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; init; }

    [JsonPropertyName("temperature")]
    public float? Temperature { get; init; }

    [JsonPropertyName("top_p")]
    public float? TopP { get; init; }

    [JsonPropertyName("top_k")]
    public int? TopK { get; init; }

    [JsonPropertyName("min_p")]
    public float? MinP { get; init; }

    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty { get; init; }

    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty { get; init; }

    [JsonPropertyName("repetition_penalty")]
    public float? RepetitionPenalty { get; init; }

    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    /// <summary>A text or a list of texts.</summary>
    [JsonPropertyName("stop")]
    public JsonElement? Stop { get; init; }

    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort { get; init; }

    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget { get; init; }

    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking { get; init; }

    [JsonPropertyName("chat_template_kwargs")]
    public ChatTemplateArguments? ChatTemplateArguments { get; init; }

    [JsonPropertyName("n")]
    public int? N { get; init; }

    [JsonPropertyName("logprobs")]
    public bool? LogProbs { get; init; }

    [JsonPropertyName("top_logprobs")]
    public int? TopLogProbs { get; init; }

    [JsonPropertyName("logit_bias")]
    public JsonElement? LogitBias { get; init; }

    [JsonPropertyName("functions")]
    public JsonElement? Functions { get; init; }

    [JsonPropertyName("function_call")]
    public JsonElement? FunctionCall { get; init; }

    [JsonPropertyName("audio")]
    public JsonElement? Audio { get; init; }
}
