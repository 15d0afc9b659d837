using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What the workflow answers where it is an agent. Nothing stands in between that would break the message up.</summary>
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
