using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Makes the wire's answer, whole or in chunks, of a chat client's.</summary>
internal sealed class AnswerMapping(string model, DateTimeOffset created)
{
    // What Qwen3's clients put behind the text of a call that cannot be read.
    private const string MalformedCall = "malformed_tool_call";

    private static readonly JsonSerializerOptions s_arguments = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly long _created = created.ToUnixTimeSeconds();
    private bool _hasBegun;
    private int _calls;
    private ChatFinishReason? _finishReason;

    /// <summary>What the answer took, as far as the client has told.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>Why the answer ended, in the wire's words.</summary>
    public string FinishReason => _finishReason == ChatFinishReason.Length ? "length"
        : _finishReason == ChatFinishReason.ContentFilter ? "content_filter"
        : _calls > 0 ? "tool_calls"
        : "stop";

    /// <summary>The whole answer.</summary>
    public ChatCompletion Whole(ChatResponse response)
    {
        List<AIContent> contents = [.. response.Messages.SelectMany(message => message.Contents)];
        List<ToolCall> calls = Calls(contents, isChunk: false);
        _finishReason = response.FinishReason;
        Usage = response.Usage;
        string text = Text(contents);
        string reasoning = string.Concat(contents.OfType<TextReasoningContent>());
        return new()
        {
            Id = _id,
            Created = _created,
            Model = model,
            Choices =
            [
                new()
                {
                    Message = new()
                    {
                        Content = text.Length == 0 && calls.Count > 0 ? null : text,
                        ReasoningContent = reasoning.Length > 0 ? reasoning : null,
                        ToolCalls = calls.Count > 0 ? calls : null,
                    },
                    FinishReason = FinishReason,
                },
            ],
            Usage = WireUsage(),
        };
    }

    /// <summary>The chunk of an update; <see langword="null"/> if there is nothing in it to send.</summary>
    public ChatCompletionChunk? Next(ChatResponseUpdate update)
    {
        _finishReason = update.FinishReason ?? _finishReason;
        foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
        {
            (Usage ??= new()).Add(usage.Details);
        }

        string text = Text(update.Contents);
        string reasoning = string.Concat(update.Contents.OfType<TextReasoningContent>());
        List<ToolCall> calls = Calls(update.Contents, isChunk: true);
        if (text.Length + reasoning.Length + calls.Count == 0)
        {
            return null;
        }

        string? role = _hasBegun ? null : "assistant";
        _hasBegun = true;
        return Chunk(new()
        {
            Role = role,
            Content = text.Length > 0 ? text : null,
            ReasoningContent = reasoning.Length > 0 ? reasoning : null,
            ToolCalls = calls.Count > 0 ? calls : null,
        });
    }

    /// <summary>The chunk that ends the answer.</summary>
    public ChatCompletionChunk Last() => Chunk(new() { Role = _hasBegun ? null : "assistant", Content = _hasBegun ? null : "" }, FinishReason);

    /// <summary>The chunk that tells the usage.</summary>
    public ChatCompletionChunk UsageChunk() => new() { Id = _id, Created = _created, Model = model, Choices = [], Usage = WireUsage() };

    /// <summary>The text, without the beginning of a call that the limit of tokens cut off: its markup is nothing to be shown.</summary>
    private string Text(IList<AIContent> contents) => string.Concat(contents.Where((content, i) =>
        content is TextContent && !(_finishReason == ChatFinishReason.Length && contents.ElementAtOrDefault(i + 1) is ErrorContent { ErrorCode: MalformedCall })));

    private ChatCompletionChunk Chunk(Delta delta, string? finishReason = null) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        Choices = [new() { Delta = delta, FinishReason = finishReason }],
    };

    private List<ToolCall> Calls(IEnumerable<AIContent> contents, bool isChunk) =>
    [
        .. contents.OfType<FunctionCallContent>().Where(call => !call.InformationalOnly).Select(call => new ToolCall
        {
            Index = isChunk ? _calls++ : Counted(),
            Id = call.CallId,
            Type = "function",
            Function = new() { Name = call.Name, Arguments = ArgumentsText(call) },
        }),
    ];

    private int? Counted()
    {
        _calls++;
        return null;
    }

    private static string ArgumentsText(FunctionCallContent call) =>
        call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, s_arguments.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private Usage? WireUsage() => Usage is null ? null : new()
    {
        PromptTokens = Usage.InputTokenCount ?? 0,
        CompletionTokens = Usage.OutputTokenCount ?? 0,
        TotalTokens = Usage.TotalTokenCount ?? (Usage.InputTokenCount ?? 0) + (Usage.OutputTokenCount ?? 0),
        PromptTokensDetails = new() { CachedTokens = Usage.CachedInputTokenCount ?? 0 },
        CompletionTokensDetails = new() { ReasoningTokens = Usage.ReasoningTokenCount ?? 0 },
    };
}
