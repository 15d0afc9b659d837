using Microsoft.Agents.AI.Workflows;

namespace Qwen3.Agents;

/// <summary>Something that happened in a <see cref="Qwen3Workflow"/>, in the stream of its workflow's events.</summary>
/// <remarks>
/// Where the workflow is used as an agent, the events are the <see cref="Microsoft.Agents.AI.AgentResponseUpdate.RawRepresentation"/> of updates
/// without contents.
/// </remarks>
public abstract class Qwen3WorkflowEvent : WorkflowEvent
{
    private protected Qwen3WorkflowEvent(object? data)
        : base(data)
    {
    }
}
