using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>
/// Reads one answer from the JSON of a server: a whole completion, or the chunks of a stream, of OpenAI's protocol or
/// of Ollama's.
/// </summary>
/// <remarks>
/// Whatever a person could read is read: unknown words, members of another JSON type, parts in place of text, a message
/// where a delta is expected. The JSON is the raw representation of the updates.
/// </remarks>
/// <param name="isStreamed">Whether a stream was asked for.</param>
/// <param name="model">The name of the model, where the answer does not say it.</param>
/// <param name="thinking">Tells reasoning from text.</param>
/// <param name="errors">Creates the exceptions.</param>
internal sealed class AnswerReader(bool isStreamed, string model, ThinkingSeparator thinking, ServerErrors errors)
{
    private static readonly string[] s_reasoning = ["reasoning_content", "reasoning", "thinking", "thought"];

    private readonly ToolCallAssembler _calls = new(errors);
    private readonly UsageDetails _usage = new();
    private string? _id, _model;
    private DateTimeOffset? _createdAt;
    private ChatFinishReason? _finish;
    private bool _isRecognized, _hasEnd;

    /// <summary>Reads the next JSON value of the response.</summary>
    /// <exception cref="ModelServerException">The value is an error.</exception>
    public ChatResponseUpdate Read(JsonElement json)
    {
        JsonElement root = json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().FirstOrDefault() : json;
        List<AIContent> contents = [];
        ReadUsage(root);
        JsonElement choice = Choice(root);
        if (choice.ValueKind != JsonValueKind.Undefined)
        {
            _isRecognized = true;
            ReadMessage(Message(choice), contents);
            ReadFinish(choice);
        }
        else if (ServerErrors.Message(root) is { } error)
        {
            throw isStreamed ? errors.BrokenOff(error) : errors.Error(error);
        }
        else
        {
            // The usage in an event of its own is the last thing in a stream.
            _hasEnd |= WireJson.Get(root, "usage").ValueKind == JsonValueKind.Object;
        }

        ReadEnvelope(root);
        return Update(contents, json);
    }

    /// <summary>Ends the answer: returns what was held, the calls, the usage and the reason for the end.</summary>
    /// <param name="events">The response.</param>
    /// <exception cref="ModelServerException">The response has no answer in it, or its end is missing.</exception>
    public ChatResponseUpdate Complete(ServerEventReader events)
    {
        if (!_isRecognized)
        {
            throw errors.Unreadable(events.Start);
        }

        if (isStreamed && !_hasEnd && !events.IsDone)
        {
            throw errors.BrokenOff(null);
        }

        List<AIContent> contents = [];
        thinking.Complete(_finish, _calls.HasCalls, contents);
        contents.AddRange(_calls.Complete());
        bool hasCalls = contents.Exists(content => content is FunctionCallContent);
        if (_usage is not { InputTokenCount: null, OutputTokenCount: null, TotalTokenCount: null })
        {
            _usage.TotalTokenCount ??= (_usage.InputTokenCount ?? 0) + (_usage.OutputTokenCount ?? 0);
            contents.Add(new UsageContent(_usage));
        }

        ChatResponseUpdate update = Update(contents, null);
        // Servers confuse these two, and add words of their own.
        bool isStop = _finish is null || _finish == ChatFinishReason.ToolCalls || _finish == ChatFinishReason.Stop;
        update.FinishReason = !isStop ? _finish : hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        return update;
    }

    private ChatResponseUpdate Update(List<AIContent> contents, object? raw) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _id,
        MessageId = _id,
        ModelId = _model ?? model,
        CreatedAt = _createdAt,
        RawRepresentation = raw,
    };

    private void ReadEnvelope(JsonElement root)
    {
        _id ??= WireJson.Scalar(WireJson.Get(root, "id")) ?? Guid.NewGuid().ToString("N");
        JsonElement name = WireJson.Get(root, "model");
        _model ??= name.ValueKind == JsonValueKind.String ? WireJson.Scalar(name) : null;
        _createdAt ??= WireJson.Time(WireJson.Get(root, "created", "created_at"));
    }

    private static JsonElement Choice(JsonElement root)
    {
        JsonElement choices = WireJson.Get(root, "choices");
        if (choices.ValueKind == JsonValueKind.Array)
        {
            // One answer was asked for.
            return choices.EnumerateArray().FirstOrDefault(
                choice => choice.ValueKind is JsonValueKind.Object or JsonValueKind.String);
        }

        if (choices.ValueKind is JsonValueKind.Object or JsonValueKind.String)
        {
            return choices;
        }

        // Ollama's own form, and a message without what should be around it.
        return WireJson.Get(root, "message", "delta") is { ValueKind: JsonValueKind.Object } ||
            WireJson.Has(root, "content", "tool_calls", "done_reason", "eval_count") ||
            WireJson.Get(root, "done").ValueKind == JsonValueKind.True
            ? root
            : default;
    }

    private JsonElement Message(JsonElement choice)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice;
        }

        JsonElement first = WireJson.Get(choice, isStreamed ? "delta" : "message");
        JsonElement second = WireJson.Get(choice, isStreamed ? "message" : "delta");
        bool isEmpty = first.ValueKind == JsonValueKind.Undefined ||
            (first.ValueKind == JsonValueKind.Object && !first.EnumerateObject().Any());
        return !isEmpty ? first
            : second.ValueKind != JsonValueKind.Undefined ? second
            : WireJson.Get(choice, "text") is { ValueKind: not JsonValueKind.Undefined } text ? text
            : choice;
    }

    private void ReadMessage(JsonElement message, List<AIContent> contents)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            ReadContent(message, isReasoning: false, contents);
            return;
        }

        // Some versions send the same reasoning under two names.
        int count = contents.Count;
        foreach (string name in s_reasoning)
        {
            ReadContent(WireJson.Get(message, name), isReasoning: true, contents);
            if (contents.Count > count)
            {
                break;
            }
        }

        ReadContent(WireJson.Get(message, "content"), isReasoning: false, contents);
        ReadContent(WireJson.Get(message, "refusal"), isReasoning: false, contents);
        // Some gateways send the only call in the old form too.
        _calls.Read(WireJson.Get(message, "tool_calls", "function_call"));
    }

    private void ReadContent(JsonElement content, bool isReasoning, List<AIContent> contents)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False:
                break;
            case JsonValueKind.Array when content.EnumerateArray().All(IsPart):
                foreach (JsonElement part in content.EnumerateArray())
                {
                    ReadContent(part, isReasoning, contents);
                }

                break;
            case JsonValueKind.Object when IsPart(content):
                string type = WireJson.Scalar(WireJson.Get(content, "type")) ?? "";
                bool isThought = type.Contains("reason", StringComparison.Ordinal) ||
                    type.Contains("think", StringComparison.Ordinal);
                ReadContent(
                    WireJson.Get(content, "text", "content", "value", "thinking", "reasoning", "refusal"),
                    isReasoning || isThought,
                    contents);
                break;
            default:
                // JSON in place of text is what the model wrote, read by the server.
                string text = content.ValueKind == JsonValueKind.String ? content.GetString()! : content.GetRawText();
                if (text.Length > 0 && isReasoning)
                {
                    thinking.Add(new TextReasoningContent(text), contents);
                }
                else if (text.Length > 0)
                {
                    thinking.Add(new TextContent(text), contents);
                }

                break;
        }
    }

    private static bool IsPart(JsonElement part) => part.ValueKind is JsonValueKind.String or JsonValueKind.Null ||
        WireJson.Get(part, "type").ValueKind == JsonValueKind.String ||
        (WireJson.Get(part, "text").ValueKind == JsonValueKind.String && part.EnumerateObject().Count() == 1);

    private void ReadFinish(JsonElement choice)
    {
        if (choice.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        JsonElement value = WireJson.Get(choice, "finish_reason", "done_reason");
        string? reason = WireJson.Scalar(value.ValueKind == JsonValueKind.Object
            ? WireJson.Get(value, "type", "reason")
            : value);
        // Ollama's last line, in which one of these can be missing.
        if (WireJson.Scalar(WireJson.Get(choice, "done")) is "true" or "1" || WireJson.Has(choice, "eval_count"))
        {
            reason ??= "stop";
        }

        if (string.IsNullOrWhiteSpace(reason) || value.ValueKind == JsonValueKind.False)
        {
            return;
        }

        _hasEnd = true;
        string word = reason.Trim().ToLowerInvariant();
        _finish = word switch
        {
            "abort" or "aborted" or "error" or "cancelled" or "canceled" or "failed" =>
                throw errors.BrokenOff($"it ended with the finish reason '{reason}'"),
            "length" or "model_length" or "context_length" => ChatFinishReason.Length,
            _ when word.StartsWith("max_", StringComparison.Ordinal) => ChatFinishReason.Length,
            "content_filter" => ChatFinishReason.ContentFilter,
            _ when word.Contains("tool", StringComparison.Ordinal) => ChatFinishReason.ToolCalls,
            _ when word.Contains("function", StringComparison.Ordinal) => ChatFinishReason.ToolCalls,
            _ => ChatFinishReason.Stop,
        };
    }

    /// <summary>Reads the usage, of which the latest counts: some servers send it with every chunk.</summary>
    private void ReadUsage(JsonElement root)
    {
        JsonElement usage = WireJson.Get(root, "usage");
        JsonElement input = WireJson.Get(usage, "prompt_tokens_details", "input_tokens_details");
        JsonElement output = WireJson.Get(usage, "completion_tokens_details", "output_tokens_details");
        _usage.InputTokenCount = Count(usage, "prompt_tokens", "input_tokens") ?? Count(root, "prompt_eval_count") ??
            _usage.InputTokenCount;
        _usage.OutputTokenCount = Count(usage, "completion_tokens", "output_tokens") ?? Count(root, "eval_count") ??
            _usage.OutputTokenCount;
        _usage.TotalTokenCount = Count(usage, "total_tokens") ?? _usage.TotalTokenCount;
        _usage.CachedInputTokenCount = Count(input, "cached_tokens") ?? Count(usage, "cached_tokens") ??
            Count(WireJson.Get(root, "timings"), "cache_n") ?? _usage.CachedInputTokenCount;
        _usage.ReasoningTokenCount = Count(output, "reasoning_tokens") ?? Count(usage, "reasoning_tokens") ??
            _usage.ReasoningTokenCount;

        static long? Count(JsonElement parent, params ReadOnlySpan<string> names) =>
            WireJson.Count(WireJson.Get(parent, names));
    }
}
