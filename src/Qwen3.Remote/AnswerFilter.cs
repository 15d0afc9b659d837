using Microsoft.Extensions.AI;

namespace Qwen3.Remote;

/// <summary>Leaves out of an answer what the request does not want, where a server does not do so.</summary>
internal sealed class AnswerFilter(ChatOptions? options)
{
    private bool _hasCall;

    public IList<AIContent> Apply(IList<AIContent> contents) =>
        options?.Reasoning?.Output == ReasoningOutput.None || options?.AllowMultipleToolCalls == false ? [.. contents.Where(IsWanted)] : contents;

    private bool IsWanted(AIContent content)
    {
        if (content is FunctionCallContent && options?.AllowMultipleToolCalls == false)
        {
            bool isFirst = !_hasCall;
            _hasCall = true;
            return isFirst;
        }

        return content is not TextReasoningContent || options?.Reasoning?.Output != ReasoningOutput.None;
    }
}
