using Microsoft.Agents.AI.Workflows;

namespace Qwen3.Agents;

/// <summary>The base class of the events of a <see cref="Qwen3Workflow"/>, in the event stream of its workflow.</summary>
/// <remarks>
/// If the workflow is used as an agent, the events are the <see cref="Microsoft.Agents.AI.AgentResponseUpdate.RawRepresentation"/> of updates
/// without contents.
/// </remarks>
public abstract class Qwen3WorkflowEvent : WorkflowEvent
{
    private protected Qwen3WorkflowEvent(object? data)
        : base(data)
    {
    }
}

/// <summary>The final answer is complete.</summary>
/// <param name="text">The answer.</param>
public sealed class AnswerEvent(string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the answer.</summary>
    public string Text { get; } = text;
}

/// <summary>The workflow stopped before it reached its goal.</summary>
/// <param name="reason">The limit or the failure that stopped it.</param>
/// <param name="message">The reason in words, with what to do.</param>
public sealed class StoppedEvent(StopReason reason, string message) : Qwen3WorkflowEvent(reason)
{
    /// <summary>Gets the limit or the failure that stopped it.</summary>
    public StopReason Reason { get; } = reason;

    /// <summary>Gets the reason in words, with what to do.</summary>
    public string Message { get; } = message;
}
