using System.Collections.Immutable;

namespace Qwen3.Agents;

/// <summary>
/// A run goes on from a checkpoint: the first of the events of <see cref="Qwen3Workflow.ResumeStreamingAsync"/>, from which what had been seen before
/// can be shown again. Only the requests to a person that are made again come before it.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="steps">How far the steps are.</param>
public sealed class ResumedEvent(Plan plan, ImmutableArray<StepResult> steps) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the plan as it is carried out, with the goal; without a step if it has yet to be made, or to be approved.</summary>
    public Plan Plan { get; } = plan;

    /// <summary>Gets how far the steps are and their results so far, those of plans before this one included.</summary>
    public ImmutableArray<StepResult> Steps { get; } = steps;
}
