using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Chat.Format;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote;

/// <summary>Writes a request in OpenAI's protocol, with the extra body fields of the server that answers.</summary>
/// <param name="capabilities">What the server supports.</param>
/// <param name="variant">The model's variant.</param>
/// <param name="budgets">The thinking budgets.</param>
internal sealed class OpenAIRequest(ServerCapabilities capabilities, Qwen3Variant variant, ThinkingBudgets budgets)
{
    /// <summary>
    /// Gets or sets a value indicating whether the server parses tool calls; if not, it is not asked to.
    /// </summary>
    public bool HasToolParser { get; init; } = true;

    /// <param name="model">The model's name on the server.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">The request's options.</param>
    /// <param name="extra">The extra body fields.</param>
    /// <param name="client">The client to pass to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="isStreamed">Whether to ask for a stream.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="NotSupportedException">
    /// A message or a tool is of a kind that the model has no form for.
    /// </exception>
    public string Create(
        string model,
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        JsonObject? extra,
        IChatClient client,
        bool isStreamed)
    {
        int? budget = budgets.Of(options);
        bool thinks = variant != Qwen3Variant.Instruct && budget != 0;
        SamplingOptions sampling = SamplingDefaults.Create(variant, messages, options, thinks, client);
        var body = new RequestBody(extra);
        body.Add("model", model);
        bool needsSwitch = variant == Qwen3Variant.Hybrid && !thinks && !capabilities.HasTemplateVariables;
        body.AddJson("messages", $"[{string.Join(',', Messages(messages, options?.Instructions, needsSwitch))}]");
        AddSampling(body, sampling, options);
        AddThinking(body, thinks, budget);
        AddResponseFormat(body, options?.ResponseFormat);
        AddTools(body, options);
        if (options?.MaxOutputTokens is { } maxTokens && !body.Has("max_completion_tokens"))
        {
            // The old name, which all servers know.
            body.Add("max_tokens", maxTokens);
        }

        if (options?.StopSequences is { Count: > 0 } stops)
        {
            body.AddJson("stop", RequestBody.Json(stops));
        }

        if (options?.Seed is { } seed)
        {
            body.Add("seed", seed);
        }

        if (isStreamed)
        {
            body.Add("stream", true);
            body.AddJson("stream_options", """{"include_usage":true}""");
        }

        return body.ToString();
    }

    private void AddSampling(RequestBody body, SamplingOptions sampling, ChatOptions? options)
    {
        body.Add("temperature", sampling.Temperature);
        body.Add("top_p", sampling.TopP);
        // An unknown server may refuse unknown fields, so that it is sent only what the caller sets.
        if (capabilities.HasSamplingExtras || options?.TopK is not null)
        {
            body.Add("top_k", sampling.TopK);
        }

        if (capabilities.HasSamplingExtras || options?.AdditionalProperties?.ContainsKey(Qwen3OptionNames.MinP) == true)
        {
            body.Add("min_p", sampling.MinP);
        }

        if (sampling.RepetitionPenalty != 1)
        {
            body.Add(capabilities.RepetitionPenalty, sampling.RepetitionPenalty);
        }

        if (sampling.PresencePenalty != 0)
        {
            body.Add("presence_penalty", sampling.PresencePenalty);
        }

        if (sampling.FrequencyPenalty != 0)
        {
            body.Add("frequency_penalty", sampling.FrequencyPenalty);
        }
    }

    private void AddThinking(RequestBody body, bool thinks, int? budget)
    {
        if (variant == Qwen3Variant.Hybrid && capabilities.HasTemplateVariables)
        {
            body.AddJson("chat_template_kwargs.enable_thinking", thinks ? "true" : "false");
        }

        if (budget is not null && (thinks || variant == Qwen3Variant.Thinking))
        {
            foreach (string name in capabilities.ThinkingBudget)
            {
                body.Add(name, budget.Value + capabilities.ThinkingBudgetSurplus);
            }

            if (budget > 0 && capabilities.ThinkingBudgetMessage is { } message)
            {
                body.Add(message, ChatFormat.BudgetClosing);
            }
        }
    }

    private void AddResponseFormat(RequestBody body, ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return;
        }

        string schema = json.Schema?.GetRawText() ?? """{"type":"object"}""";
        string name = RequestBody.Json(json.SchemaName ?? "answer");
        body.AddJson("response_format", json.Schema is null && capabilities.HasJsonObject
            ? """{"type":"json_object"}"""
            : $$$"""{"type":"json_schema","json_schema":{"name":{{{name}}},"strict":true,"schema":{{{schema}}}}}""");
    }

    private void AddTools(RequestBody body, ChatOptions? options)
    {
        string[] offered = OfferedTools.Create(options, capabilities.HasNamedToolChoice);
        if (offered.Length == 0)
        {
            return;
        }

        body.Append("tools", offered);
        // Some versions of llama-server allow one call at a time unless they are told otherwise.
        body.Add("parallel_tool_calls", options!.AllowMultipleToolCalls ?? true);
        string? required = capabilities.HasNamedToolChoice ? OfferedTools.RequiredName(options) : null;
        body.AddJson("tool_choice", options.ToolMode switch
        {
            RequiredChatToolMode when required is not null =>
                $$$"""{"type":"function","function":{"name":{{{RequestBody.Json(required)}}}}}""",
            RequiredChatToolMode => "\"required\"",
            NoneChatToolMode => "\"none\"",
            // The model sees the tools with "none" too, and its calls are read out of the text.
            _ => HasToolParser ? "\"auto\"" : "\"none\"",
        });
    }

    private IEnumerable<string> Messages(IEnumerable<ChatMessage> messages, string? instructions, bool needsSwitch)
    {
        List<Turn> turns = TurnReader.Read(messages, instructions);
        int question = turns.FindLastIndex(turn => turn.Role == ChatRole.User);
        if (needsSwitch && question >= 0)
        {
            turns[question] = turns[question] with { Text = $"{turns[question].Text} /no_think" };
        }

        var ids = new RequestCallIds();
        return turns.Select(turn =>
            turn.Role == ChatRole.Assistant ? Assistant(turn, ids)
            : turn.Role == ChatRole.Tool ? Result(turn, ids)
            : $$"""{"role":{{RequestBody.Json(turn.Role.Value)}},"content":{{RequestBody.Json(turn.Text)}}}""");
    }

    private static string Result(Turn turn, RequestCallIds ids)
    {
        string id = RequestBody.Json(ids.ForResult(turn.CallId));
        return $$"""{"role":"tool","tool_call_id":{{id}},"content":{{RequestBody.Json(turn.Text)}}}""";
    }

    private static string Call(FunctionCallContent call, RequestCallIds ids)
    {
        string arguments = RequestBody.Json(PromptJson.Format(call.Arguments));
        string function = $$"""{"name":{{RequestBody.Json(call.Name)}},"arguments":{{arguments}}}""";
        return $$"""{"id":{{RequestBody.Json(ids.ForCall(call.CallId))}},"type":"function","function":{{function}}}""";
    }

    private string Assistant(Turn turn, RequestCallIds ids)
    {
        bool hasReasoning = variant != Qwen3Variant.Instruct && turn.Reasoning.Length > 0;
        string text = hasReasoning && capabilities.Reasoning.Count == 0
            ? $"{ChatFormat.ThinkStart}\n{turn.Reasoning.Trim('\n')}\n{ChatFormat.ThinkEnd}\n\n{turn.Text}"
            : turn.Text;
        var json = new StringBuilder("""{"role":"assistant" """.TrimEnd());
        if (text.Length > 0 || turn.Calls.Count == 0)
        {
            json.Append(",\"content\":").Append(RequestBody.Json(text));
        }

        foreach (string name in hasReasoning ? capabilities.Reasoning : [])
        {
            json.Append(',').Append(RequestBody.Json(name)).Append(':').Append(RequestBody.Json(turn.Reasoning));
        }

        if (turn.Calls.Count > 0)
        {
            ids.BeginMessage();
            json.Append(",\"tool_calls\":[").AppendJoin(',', turn.Calls.Select(call => Call(call, ids))).Append(']');
        }

        return json.Append('}').ToString();
    }
}
