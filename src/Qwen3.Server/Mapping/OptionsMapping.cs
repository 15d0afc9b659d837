using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Server.Serving;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Makes a chat client's options of a request.</summary>
internal static class OptionsMapping
{
    private const int MaxStopSequences = 16;

    /// <exception cref="ApiException">A field is outside its range, or asks for what this server does not do.</exception>
    public static ChatOptions Create(ChatCompletionRequest request)
    {
        RefusedFields.Check(request);
        List<AITool> tools = ToolMapping.Create(request.Tools ?? []);
        var options = new ChatOptions
        {
            Tools = tools.Count > 0 ? tools : null,
            ToolMode = ToolMapping.Choose(request.ToolChoice, tools),
            AllowMultipleToolCalls = request.ParallelToolCalls,
            ResponseFormat = ResponseFormat(request.ResponseFormat),
            MaxOutputTokens = MaxTokens(request.MaxCompletionTokens, "max_completion_tokens") ?? MaxTokens(request.MaxTokens, "max_tokens"),
            Temperature = InRange(request.Temperature, "temperature", value => value is >= 0 and <= 100, "from 0 to 100"),
            TopP = InRange(request.TopP, "top_p", value => value is >= 0 and <= 1, "from 0 to 1"),
            // -1 is how vLLM and others say "all".
            TopK = InRange(request.TopK, "top_k", value => value >= -1, "0 (all) or more") is { } topK ? Math.Max(0, topK) : null,
            PresencePenalty = InRange(request.PresencePenalty, "presence_penalty", value => value is >= -2 and <= 2, "from -2 to 2"),
            FrequencyPenalty = InRange(request.FrequencyPenalty, "frequency_penalty", value => value is >= -2 and <= 2, "from -2 to 2"),
            Seed = request.Seed,
            StopSequences = StopSequences(request.Stop),
            Reasoning = Effort(request.ReasoningEffort) is { } effort ? new() { Effort = effort } : null,
        };
        Add("min_p", InRange(request.MinP, "min_p", value => value is >= 0 and <= 1, "from 0 to 1"));
        Add(
            "repetition_penalty",
            InRange(request.RepetitionPenalty, "repetition_penalty", value => value is > 0 and <= 100, "above 0 and at most 100"));
        Add(
            "thinking_budget",
            Budget(request.ThinkingBudget, "thinking_budget") ?? Budget(request.ChatTemplateArguments?.ThinkingBudget, "chat_template_kwargs.thinking_budget"));
        if ((request.EnableThinking ?? request.ChatTemplateArguments?.EnableThinking) == false)
        {
            // Said twice, for a budget would win over the effort.
            options.Reasoning = new() { Effort = ReasoningEffort.None };
            Add("thinking_budget", 0);
        }

        return options;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                (options.AdditionalProperties ??= [])[name] = value;
            }
        }
    }

    private static T? InRange<T>(T? value, string param, Func<T, bool> isInRange, string range)
        where T : struct =>
        value is null || isInRange(value.Value) ? value : throw ApiException.Invalid(param, $"is {value}; it must be {range}.");

    /// <summary>-1 is how some clients say "no limit".</summary>
    private static int? MaxTokens(int? value, string param) => value == -1 ? null : InRange(value, param, tokens => tokens >= 1, "1 or more, or -1 for no limit");

    private static int? Budget(int? value, string param) => InRange(value, param, tokens => tokens >= 0, "0 (no thinking) or more tokens");

    private static ReasoningEffort? Effort(string? effort) => effort switch
    {
        null or "default" => null,
        "none" => ReasoningEffort.None,
        "minimal" or "low" => ReasoningEffort.Low,
        "medium" => ReasoningEffort.Medium,
        "high" => ReasoningEffort.High,
        "xhigh" or "max" => ReasoningEffort.ExtraHigh,
        _ => throw ApiException.Invalid("reasoning_effort", "must be none, minimal, low, medium, high, xhigh (or max) or default."),
    };

    private static List<string>? StopSequences(JsonElement? stop)
    {
        if (!JsonValues.IsSet(stop))
        {
            return null;
        }

        List<string> result = stop!.Value.ValueKind switch
        {
            JsonValueKind.String => [JsonValues.Text(stop.Value, "stop")],
            JsonValueKind.Array => [.. stop.Value.EnumerateArray().Select((text, i) => JsonValues.Text(text, $"stop[{i}]"))],
            _ => throw ApiException.Invalid("stop", "must be a string or an array of strings."),
        };
        return result.Count > MaxStopSequences ? throw ApiException.Invalid("stop", $"has {result.Count} texts; {MaxStopSequences} are the most.")
            : result.Contains("") ? throw ApiException.Invalid("stop", "has an empty text, which stands everywhere.")
            : result;
    }

    private static ChatResponseFormat? ResponseFormat(ResponseFormat? format)
    {
        const string Param = "response_format";
        switch (format?.Type)
        {
            case null when format is null:
                return null;
            case "text":
                return ChatResponseFormat.Text;
            // llama-server and others take the schema beside either type.
            case "json_object" or "json_schema" when format.JsonSchema is null && JsonValues.IsSet(format.Schema):
                return ChatResponseFormat.ForJsonSchema(JsonValues.Object(format.Schema, $"{Param}.schema", "a JSON schema"));
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema":
                NamedSchema schema = format.JsonSchema ?? throw ApiException.Invalid($"{Param}.json_schema", "is missing.");
                return ChatResponseFormat.ForJsonSchema(
                    JsonValues.Object(schema.Schema, $"{Param}.json_schema.schema", "a JSON schema"), schema.Name, schema.Description);
            default:
                throw ApiException.Invalid($"{Param}.type", "must be text, json_object or json_schema.");
        }
    }
}
