using System.Text.Json;
using Microsoft.Extensions.AI;
using OllamaSharp.Models;
using OllamaSharp.Models.Chat;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote;

/// <summary>A request in the words of Ollama's own API.</summary>
internal static class OllamaChatRequest
{
    /// <param name="remote">How to treat the model.</param>
    /// <param name="variant">The model's variant.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">The request's own settings.</param>
    /// <param name="client">The client to hand to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <exception cref="ArgumentException">A call is required of a function that is not offered.</exception>
    /// <exception cref="NotSupportedException">A message, or a tool, is of a kind that the model has no form for.</exception>
    public static ServerRequest Create(
        Qwen3RemoteChatClientOptions remote, Qwen3Variant variant, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, IChatClient client)
    {
        bool thinks = variant != Qwen3Variant.Instruct && remote.ThinkingBudgets.Of(options) != 0;
        ChatRequest request = options?.RawRepresentationFactory?.Invoke(client) as ChatRequest ?? new();
        request.Options ??= new();
        AddSampling(request.Options, SamplingDefaults.Create(variant, messages, options, thinks, client));
        request.Options.NumCtx ??= remote.ContextSize;
        // A model that can think does so unless it is told not to; one that cannot is not to be told.
        request.Think ??= variant != Qwen3Variant.Instruct && !thinks ? false : (ThinkValue?)null;
        request.Format ??= options?.ResponseFormat is ChatResponseFormatJson json ? json.Schema ?? (object)"json" : null;
        request.Messages = [.. request.Messages ?? [], .. OllamaMessages.Create(variant, messages, options?.Instructions)];
        // It can neither be told to call a function nor not to: it sees those that it may call.
        string[] tools = options?.ToolMode is NoneChatToolMode ? [] : ServerTools.Offered(options, hasNamedChoice: false);
        request.Tools = tools.Length == 0 ? request.Tools : [.. request.Tools ?? [], .. tools.Select(tool => (object)JsonElement.Parse(tool))];
        return new([], new()
        {
            MaxOutputTokens = options?.MaxOutputTokens,
            StopSequences = options?.StopSequences,
            Seed = options?.Seed,
            AdditionalProperties = options?.AdditionalProperties is { } additional
                ? new(additional.Select(option => KeyValuePair.Create(option.Key, Value(option.Value))))
                : null,
            RawRepresentationFactory = _ => request,
        });
    }

    // All of it, as Ollama's defaults are others.
    private static void AddSampling(RequestOptions request, SamplingOptions sampling)
    {
        request.Temperature ??= sampling.Temperature;
        request.TopP ??= sampling.TopP;
        request.TopK ??= sampling.TopK;
        request.MinP ??= sampling.MinP;
        request.RepeatPenalty ??= sampling.RepetitionPenalty;
        request.PresencePenalty ??= sampling.PresencePenalty;
        request.FrequencyPenalty ??= sampling.FrequencyPenalty;
    }

    /// <summary>An option as OllamaSharp reads it, which knows no JSON.</summary>
    private static object? Value(object? option) => option is not JsonElement json ? option : json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Array => json.EnumerateArray().Select(item => item.ToString()).ToArray(),
        _ => option,
    };
}
