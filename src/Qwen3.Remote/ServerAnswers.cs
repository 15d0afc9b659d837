using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Qwen3.Remote;

/// <summary>Mends what Microsoft.Extensions.AI's client makes of a server's answer.</summary>
internal static class ServerAnswers
{
    public static void Mend(ChatResponse response)
    {
        var calls = new UnreadCalls();
        var completion = response.RawRepresentation as ChatCompletion;
        foreach (Microsoft.Extensions.AI.ChatMessage message in response.Messages)
        {
            string? reasoning = null;
            completion?.Patch.TryGetValue("$.choices[0].message.reasoning"u8, out reasoning);
            message.Contents = Order(calls.Mend(message.Contents), reasoning);
        }

        if (response.Usage is { } usage && completion is not null)
        {
            int? Count(ReadOnlySpan<byte> path) => completion.Patch.TryGetNullableValue(path, out int? count) ? count : null;
            Complete(usage, cached: Count("$.timings.cache_n"u8), reasoning: Count("$.usage.reasoning_tokens"u8));
        }
    }

    /// <param name="update">The next update of a stream.</param>
    /// <param name="calls">The calls of the stream so far.</param>
    public static void Mend(ChatResponseUpdate update, UnreadCalls calls)
    {
        var chunk = update.RawRepresentation as StreamingChatCompletionUpdate;
        if (chunk is not null)
        {
            calls.Gather(chunk);
        }

        string? reasoning = null;
        chunk?.Patch.TryGetValue("$.choices[0].delta.reasoning"u8, out reasoning);
        update.Contents = Order(calls.Mend(update.Contents), reasoning);
        update.Role ??= ChatRole.Assistant;
        if (chunk is not null && update.Contents.OfType<UsageContent>().SingleOrDefault() is { } usage)
        {
            int? Count(ReadOnlySpan<byte> path) => chunk.Patch.TryGetNullableValue(path, out int? count) ? count : null;
            Complete(usage.Details, cached: Count("$.timings.cache_n"u8), reasoning: Count("$.usage.reasoning_tokens"u8));
        }
    }

    /// <summary>What a server says in the middle of a stream where it cannot go on.</summary>
    public static string? Error(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is not StreamingChatCompletionUpdate chunk)
        {
            return null;
        }

        if (chunk.Patch.TryGetJson("$.error"u8, out ReadOnlyMemory<byte> json) && JsonElement.Parse(json.Span) is { ValueKind: not JsonValueKind.Null } error)
        {
            return error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement text) ? text.ToString() : error.ToString();
        }

        // Some have it by itself, beside "object": "error".
        return chunk.Patch.TryGetValue("$.message"u8, out string? message) ? message : null;
    }

    /// <summary>Reasoning first, as the model wrote it, and no empty texts.</summary>
    private static List<AIContent> Order(IList<AIContent> contents, string? reasoning)
    {
        List<AIContent> reasonings = [.. contents.OfType<TextReasoningContent>().Where(content => content.Text.Length > 0)];
        // Some versions have it under both names.
        if (reasonings.Count == 0 && !string.IsNullOrEmpty(reasoning))
        {
            reasonings.Add(new TextReasoningContent(reasoning));
        }

        return [.. reasonings, .. contents.Where(content => content is not (TextReasoningContent or TextContent { Text: "" }))];
    }

    private static void Complete(UsageDetails usage, int? cached, int? reasoning)
    {
        usage.CachedInputTokenCount ??= cached;
        usage.ReasoningTokenCount ??= reasoning;
    }
}
