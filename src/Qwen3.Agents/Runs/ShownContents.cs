using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Converts the contents of a model's answer into events.</summary>
internal static class ShownContents
{
    public static IEnumerable<Qwen3WorkflowEvent> Events(int? stepId, IEnumerable<AIContent> contents)
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

/// <summary>Writes the answer of the workflow as an agent, as one message.</summary>
internal sealed class AgentAnswer(string executorId, string author)
{
    private readonly string _id = $"{Guid.NewGuid():N}";

    public ValueTask ShowAsync(IWorkflowContext context, string text, CancellationToken cancellationToken) =>
        ShowAsync(context, [new TextContent(text)], cancellationToken);

    public ValueTask ShowAsync(IWorkflowContext context, IEnumerable<AIContent> contents, CancellationToken cancellationToken)
    {
        AIContent[] shown = [.. contents.Where(content => content is TextContent or TextReasoningContent)];
        var update = new AgentResponseUpdate(ChatRole.Assistant, shown) { MessageId = _id, ResponseId = _id, AuthorName = author };
        return shown.Length == 0 ? default : context.AddEventAsync(new AgentResponseUpdateEvent(executorId, update), cancellationToken);
    }
}
