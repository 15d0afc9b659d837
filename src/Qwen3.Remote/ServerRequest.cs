using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat;
using Qwen3.LlamaCpp;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Qwen3.Remote;

/// <summary>A request in the words of one server.</summary>
/// <param name="Messages">The messages, each with the OpenAI SDK's own as its raw representation; none where they are in the factory's request.</param>
/// <param name="Options">What Microsoft.Extensions.AI's client maps by itself, and a factory for the rest.</param>
internal sealed record ServerRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)
{
    /// <param name="traits">What the server takes.</param>
    /// <param name="variant">The model's variant.</param>
    /// <param name="budgets">How long it may think.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">The request's own settings.</param>
    /// <param name="client">The client to hand to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="hasToolParser">Whether the server reads calls; if not, it is not asked to.</param>
    public static ServerRequest Create(
        ServerTraits traits,
        Qwen3Variant variant,
        ThinkingBudgets budgets,
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        IChatClient client,
        bool hasToolParser)
    {
        int? budget = budgets.Of(options);
        bool thinks = variant != Qwen3Variant.Instruct && budget != 0;
        SamplingOptions sampling = SamplingDefaults.Create(variant, messages, options, thinks, client);
        var raw = options?.RawRepresentationFactory?.Invoke(client) as ChatCompletionOptions ?? new();
        var fields = new ServerFields(raw);
        if (options?.MaxOutputTokens is { } maxTokens && raw.MaxOutputTokenCount is null)
        {
            // By its old name, which all of them know.
            fields.Add("max_tokens", maxTokens);
        }

        AddSampling(fields, traits, sampling, options);
        AddThinking(fields, traits, variant, thinks, budget);
        AddResponseFormat(fields, traits, raw.ResponseFormat is null ? options?.ResponseFormat : null);
        ServerTools.Add(raw, fields, traits, options, hasToolParser);

        ChatOptions own = options?.Clone() ?? new();
        own.Temperature = sampling.Temperature;
        own.TopP = sampling.TopP;
        own.PresencePenalty = sampling.PresencePenalty == 0 ? null : sampling.PresencePenalty;
        own.FrequencyPenalty = sampling.FrequencyPenalty == 0 ? null : sampling.FrequencyPenalty;
        // These are said in the server's own words.
        (own.Instructions, own.MaxOutputTokens, own.Reasoning, own.ResponseFormat, own.ModelId) = (null, null, null, null, null);
        (own.Tools, own.ToolMode, own.AllowMultipleToolCalls) = (null, null, null);
        own.RawRepresentationFactory = _ => raw;
        bool needsSwitch = variant == Qwen3Variant.Hybrid && !thinks && !traits.HasTemplateVariables;
        return new([.. new ServerMessages(traits, variant, needsSwitch).Create(messages, options?.Instructions)], own);
    }

    private static void AddSampling(ServerFields fields, ServerTraits traits, SamplingOptions sampling, ChatOptions? options)
    {
        // An unknown server may refuse what it does not know; what the caller sets is the caller's to answer for.
        bool HasSet(string name) => options?.AdditionalProperties?.ContainsKey(name) == true;
        if (traits.HasSamplingExtras || options?.TopK is not null)
        {
            fields.Add("top_k", sampling.TopK);
        }

        if (traits.HasSamplingExtras || HasSet("min_p"))
        {
            fields.Add("min_p", sampling.MinP);
        }

        if (sampling.RepetitionPenalty != 1)
        {
            fields.Add(traits.RepetitionPenalty, sampling.RepetitionPenalty);
        }
    }

    private static void AddThinking(ServerFields fields, ServerTraits traits, Qwen3Variant variant, bool thinks, int? budget)
    {
        if (variant == Qwen3Variant.Hybrid && traits.HasTemplateVariables)
        {
            fields.Add("chat_template_kwargs.enable_thinking", thinks);
        }

        // What does not think has nothing to limit, and without a limit there is none to say.
        if (budget is not null && (thinks || variant == Qwen3Variant.Thinking))
        {
            foreach (string name in traits.ThinkingBudget)
            {
                fields.Add(name, budget.Value + traits.ThinkingBudgetSurplus);
            }

            if (budget > 0 && traits.ThinkingBudgetMessage is { } message)
            {
                fields.Add(message, Qwen3.Chat.Format.ChatFormat.BudgetClosing);
            }
        }
    }

    private static void AddResponseFormat(ServerFields fields, ServerTraits traits, Microsoft.Extensions.AI.ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return;
        }

        if (json.Schema is null && traits.HasJsonObject)
        {
            fields.Add("response_format", """{"type":"json_object"}"""u8);
            return;
        }

        // Not by way of the SDK, which would make every property a required one.
        string schema = json.Schema?.GetRawText() ?? """{"type":"object"}""";
        string name = JsonEncodedText.Encode(json.SchemaName ?? "answer").ToString();
        fields.Add(
            "response_format",
            Encoding.UTF8.GetBytes($$$"""{"type":"json_schema","json_schema":{"name":"{{{name}}}","strict":true,"schema":{{{schema}}}}}"""));
    }
}
