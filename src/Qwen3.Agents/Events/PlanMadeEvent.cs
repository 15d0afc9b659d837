namespace Qwen3.Agents;

/// <summary>The first plan is there, and approved where a person is asked.</summary>
/// <param name="plan">The plan.</param>
public sealed class PlanMadeEvent(Plan plan) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the plan.</summary>
    public Plan Plan { get; } = plan;
}
