using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A model calls a function.</summary>
/// <param name="stepId">The step.</param>
/// <param name="call">The call.</param>
public sealed class CallEvent(int stepId, FunctionCallContent call) : Qwen3WorkflowEvent(call)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets the call.</summary>
    public FunctionCallContent Call { get; } = call;
}
