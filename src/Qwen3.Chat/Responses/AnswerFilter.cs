using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>
/// Removes from an answer what the request does not want: reasoning, and what follows the first of several calls.
/// </summary>
/// <remarks>One instance filters one answer, whole or in pieces.</remarks>
internal sealed class AnswerFilter(ChatOptions? options)
{
    private readonly bool _hidesReasoning = options?.Reasoning?.Output == ReasoningOutput.None;
    private readonly bool _keepsOneCall = options?.AllowMultipleToolCalls == false;

    /// <summary>
    /// Gets a value indicating whether the answer is complete, because it has the one call that is allowed.
    /// </summary>
    public bool IsComplete { get; private set; }

    /// <summary>Returns what is wanted of the next contents.</summary>
    public IList<AIContent> Apply(IList<AIContent> contents) =>
        _hidesReasoning || _keepsOneCall ? [.. contents.Where(IsWanted)] : contents;

    private bool IsWanted(AIContent content)
    {
        bool isAnswer = content is TextContent or TextReasoningContent or FunctionCallContent or ErrorContent;
        if (IsComplete && isAnswer)
        {
            return false;
        }

        IsComplete = _keepsOneCall && (IsComplete || content is FunctionCallContent);
        return content is not TextReasoningContent || !_hidesReasoning;
    }
}
