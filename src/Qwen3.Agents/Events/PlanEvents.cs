using System.Collections.Immutable;

namespace Qwen3.Agents;

/// <summary>The first plan was created and, if plans are reviewed, approved.</summary>
/// <param name="plan">The plan.</param>
public sealed class PlanCreatedEvent(Plan plan) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the plan.</summary>
    public Plan Plan { get; } = plan;
}

/// <summary>A new plan replaced the remaining steps.</summary>
/// <param name="plan">The current plan: the steps that are done, and the new ones.</param>
public sealed class ReplannedEvent(Plan plan) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the current plan: the steps that are done, and the new ones.</summary>
    public Plan Plan { get; } = plan;
}

/// <summary>A goal was queued because another one is in progress. It starts when the goals before it have ended.</summary>
/// <param name="goal">The queued goal.</param>
public sealed class GoalQueuedEvent(string goal) : Qwen3WorkflowEvent(goal)
{
    /// <summary>Gets the queued goal.</summary>
    public string Goal { get; } = goal;
}

/// <summary>
/// A run goes on from a checkpoint: the first of the events of <see cref="Qwen3Workflow.ResumeStreamingAsync"/>, from which what had been seen before
/// can be shown again. Only the requests to a person that are made again come before it.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="steps">The state of the steps.</param>
public sealed class ResumedEvent(Plan plan, ImmutableArray<StepResult> steps) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the current plan with its goal. It has no steps if it is not yet created or approved.</summary>
    public Plan Plan { get; } = plan;

    /// <summary>Gets the state and results of all steps, including those of earlier plans.</summary>
    public ImmutableArray<StepResult> Steps { get; } = steps;
}
