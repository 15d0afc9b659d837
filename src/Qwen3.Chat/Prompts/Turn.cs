using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>What the chat template makes one turn of (of consecutive tool turns, one together).</summary>
internal sealed record Turn(ChatRole Role, string Text)
{
    public string Reasoning { get; init; } = "";

    public IReadOnlyList<FunctionCallContent> Calls { get; init; } = [];

    /// <summary>Of a result, the call that it is the result of.</summary>
    public string? CallId { get; init; }

    /// <summary>The message that it came from, where the sender gave it a name.</summary>
    public string? MessageId { get; init; }

    /// <summary>Which special tokens may be spelled in the text: none where it comes from outside, never a control token.</summary>
    public SpecialTokens SpecialTokens => Role == ChatRole.User || Role == ChatRole.Tool ? SpecialTokens.None : SpecialTokens.UserDefined;
}
