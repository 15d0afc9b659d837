using Microsoft.Extensions.AI;

namespace Qwen3.Chat;

/// <summary>
/// The names of the settings of a <see cref="Qwen3ChatClient"/> that have no property of their own, and of what its
/// answers report.
/// </summary>
public static class Qwen3OptionNames
{
    /// <summary>
    /// The reasoning budget of a request in tokens, in <see cref="ChatOptions.AdditionalProperties"/>. 0 turns thinking
    /// off. The budget takes precedence over <see cref="ReasoningOptions.Effort"/>.
    /// </summary>
    public const string ThinkingBudget = "thinking_budget";

    /// <summary>The min-p threshold, from 0 to 1, in <see cref="ChatOptions.AdditionalProperties"/>.</summary>
    public const string MinP = "min_p";

    /// <summary>The repetition penalty, where 1 is none, in <see cref="ChatOptions.AdditionalProperties"/>.</summary>
    public const string RepetitionPenalty = "repetition_penalty";

    /// <summary>
    /// What ended the reasoning early, <c>budget</c> or <c>repetition</c>, in the
    /// <see cref="ChatMessage.AdditionalProperties"/> of an answer.
    /// </summary>
    public const string ThinkingEnd = "thinking_end";

    /// <summary>
    /// The <see cref="ErrorContent.ErrorCode"/> of the content that follows the text of a tool call that could not be
    /// parsed.
    /// </summary>
    public const string MalformedToolCall = "malformed_tool_call";
}
