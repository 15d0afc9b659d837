using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Responses;

/// <summary>Creates the updates of one answer, which share their ids.</summary>
internal sealed class AnswerUpdates(string modelId, DateTimeOffset createdAt)
{
    private readonly string _id = Guid.NewGuid().ToString("N");
    private bool _hasCalls;

    public ChatResponseUpdate Next(IList<AIContent> contents)
    {
        _hasCalls |= contents.Any(content => content is FunctionCallContent);
        return new(ChatRole.Assistant, contents)
        {
            ResponseId = _id,
            MessageId = _id,
            ModelId = modelId,
            CreatedAt = createdAt,
        };
    }

    /// <summary>Creates the last update.</summary>
    /// <param name="contents">The last contents.</param>
    /// <param name="usage">The usage of the answer.</param>
    /// <param name="result">The result of the generation.</param>
    /// <param name="thinkingEnd">What ended the reasoning.</param>
    public ChatResponseUpdate Last(
        IList<AIContent> contents, UsageDetails usage, GenerationResult result, ThinkingEnd thinkingEnd)
    {
        ChatResponseUpdate update = Next([.. contents, new UsageContent(usage)]);
        update.FinishReason = result.FinishReason == FinishReason.Length ? ChatFinishReason.Length
            : _hasCalls ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        update.RawRepresentation = result;
        if (thinkingEnd is ThinkingEnd.Budget or ThinkingEnd.Repetition)
        {
            update.AdditionalProperties =
                new() { [Qwen3OptionNames.ThinkingEnd] = thinkingEnd == ThinkingEnd.Budget ? "budget" : "repetition" };
        }

        return update;
    }
}
