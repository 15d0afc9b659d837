using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Responses;

/// <summary>Makes the updates of one answer, which share their ids.</summary>
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

    /// <param name="contents">What is still to be said.</param>
    /// <param name="usage">What it took.</param>
    /// <param name="result">How the generation went.</param>
    /// <param name="thinkingEnd">What ended the thinking.</param>
    public ChatResponseUpdate Last(IList<AIContent> contents, UsageDetails usage, GenerationResult result, ThinkingEnd thinkingEnd)
    {
        ChatResponseUpdate update = Next([.. contents, new UsageContent(usage)]);
        update.FinishReason = result.FinishReason == FinishReason.Length ? ChatFinishReason.Length
            : _hasCalls ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        update.RawRepresentation = result;
        if (thinkingEnd is ThinkingEnd.Budget or ThinkingEnd.Repetition)
        {
            update.AdditionalProperties = new() { [Qwen3OptionNames.ThinkingEnd] = thinkingEnd == ThinkingEnd.Budget ? "budget" : "repetition" };
        }

        return update;
    }
}
