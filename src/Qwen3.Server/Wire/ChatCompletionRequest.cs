using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

/// <summary>What a client asks for. Fields that are not here are passed over.</summary>
internal sealed class ChatCompletionRequest
{
    [Description("Which of the server's models answers; the first one where it is missing.")]
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    [Description("The whole conversation, the oldest message first.")]
    [JsonPropertyName("messages")]
    public List<RequestMessage?>? Messages { get; init; }

    [Description("Whether the answer comes in pieces, as server-sent events.")]
    [JsonPropertyName("stream")]
    public bool? Stream { get; init; }

    [JsonPropertyName("stream_options")]
    public StreamOptions? StreamOptions { get; init; }

    [Description("The functions that the model may call.")]
    [JsonPropertyName("tools")]
    public List<ToolDefinition?>? Tools { get; init; }

    [Description("none, auto (the default), required, or an object that names the function to call.")]
    [JsonPropertyName("tool_choice")]
    public JsonElement? ToolChoice { get; init; }

    [Description("Whether an answer may have several calls; the default is yes.")]
    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls { get; init; }

    [Description("Holds the answer to JSON, or to a JSON schema. The model does not see the schema: say in the conversation what you want.")]
    [JsonPropertyName("response_format")]
    public ResponseFormat? ResponseFormat { get; init; }

    [Description("How many tokens the answer may have, its reasoning included.")]
    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens { get; init; }

    [Description("The older name of max_completion_tokens, which wins.")]
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; init; }

    [Description("0 takes the likeliest token each time; the default is what the model's card advises, as with all that is not set.")]
    [JsonPropertyName("temperature")]
    public float? Temperature { get; init; }

    [Description("The share of probability that the likeliest tokens have together, which stay in the draw.")]
    [JsonPropertyName("top_p")]
    public float? TopP { get; init; }

    [Description("How many of the likeliest tokens stay in the draw; 0 for all.")]
    [JsonPropertyName("top_k")]
    public int? TopK { get; init; }

    [Description("How likely a token must be in proportion to the likeliest to stay in the draw.")]
    [JsonPropertyName("min_p")]
    public float? MinP { get; init; }

    [Description("What is taken off the tokens that the answer has already, against repetition.")]
    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty { get; init; }

    [Description("The same for each time that the answer has them.")]
    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty { get; init; }

    [Description("The factor by which tokens of the answer so far become less likely; 1 is off.")]
    [JsonPropertyName("repetition_penalty")]
    public float? RepetitionPenalty { get; init; }

    [Description("Gives the same answer to the same request, as far as what is computed at the same time lets it.")]
    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    [Description("A text, or a list of texts, that end the answer's text and are not part of it; they are not looked for in the reasoning.")]
    [JsonPropertyName("stop")]
    public JsonElement? Stop { get; init; }

    [Description("How long a model that reasons may do so.")]
    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort { get; init; }

    [Description("The same in tokens; it wins over reasoning_effort. 0: the model does not think.")]
    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget { get; init; }

    [Description("false: the model does not think.")]
    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking { get; init; }

    [Description("Another place for enable_thinking and thinking_budget, as vLLM, SGLang and llama-server have it.")]
    [JsonPropertyName("chat_template_kwargs")]
    public ChatTemplateArguments? ChatTemplateArguments { get; init; }

    [Description("Only 1.")]
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

    [JsonPropertyName("web_search_options")]
    public JsonElement? WebSearchOptions { get; init; }

    [JsonPropertyName("continue_final_message")]
    public JsonElement? ContinueFinalMessage { get; init; }

    [JsonPropertyName("ignore_eos")]
    public JsonElement? IgnoreEos { get; init; }

    [JsonPropertyName("grammar")]
    public JsonElement? Grammar { get; init; }

    [JsonPropertyName("json_schema")]
    public JsonElement? JsonSchema { get; init; }

    [JsonPropertyName("guided_json")]
    public JsonElement? GuidedJson { get; init; }

    [JsonPropertyName("guided_choice")]
    public JsonElement? GuidedChoice { get; init; }

    [JsonPropertyName("guided_regex")]
    public JsonElement? GuidedRegex { get; init; }

    [JsonPropertyName("guided_grammar")]
    public JsonElement? GuidedGrammar { get; init; }

    [JsonPropertyName("structured_outputs")]
    public JsonElement? StructuredOutputs { get; init; }

    [JsonPropertyName("regex")]
    public JsonElement? Regex { get; init; }

    [JsonPropertyName("ebnf")]
    public JsonElement? Ebnf { get; init; }
}

internal sealed class StreamOptions
{
    /// <summary>Whether a last chunk, without choices, tells the usage.</summary>
    [JsonPropertyName("include_usage")]
    public bool? IncludeUsage { get; init; }
}

internal sealed class ResponseFormat
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("json_schema")]
    public NamedSchema? JsonSchema { get; init; }

    [Description("The schema alone, as llama-server and others take it beside either of the types of JSON.")]
    [JsonPropertyName("schema")]
    public JsonElement? Schema { get; init; }
}

internal sealed class NamedSchema
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("schema")]
    public JsonElement? Schema { get; init; }
}

/// <summary>What vLLM, SGLang and llama-server hand to the model's template.</summary>
internal sealed class ChatTemplateArguments
{
    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking { get; init; }

    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget { get; init; }
}
