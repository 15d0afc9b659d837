namespace Qwen3.Agents;

/// <summary>A new plan has taken the place of what was left.</summary>
/// <param name="plan">The plan as it is now: what is done, and the new steps.</param>
public sealed class ReplannedEvent(Plan plan) : Qwen3WorkflowEvent(plan)
{
    /// <summary>Gets the plan as it is now: what is done, and the new steps.</summary>
    public Plan Plan { get; } = plan;
}
