using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The events of what a model writes.</summary>
internal static class EventsOf
{
    public static IEnumerable<Qwen3WorkflowEvent> Update(int? stepId, IEnumerable<AIContent> contents)
    {
        foreach (AIContent content in contents)
        {
            switch (content)
            {
                case TextReasoningContent { Text.Length: > 0 } reasoning:
                    yield return new ReasoningEvent(stepId, reasoning.Text);
                    break;
                case TextContent { Text.Length: > 0 } text:
                    yield return new TextEvent(stepId, text.Text);
                    break;
                case FunctionCallContent call when stepId is { } id:
                    yield return new CallEvent(id, call);
                    break;
            }
        }
    }
}
