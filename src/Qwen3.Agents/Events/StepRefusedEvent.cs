namespace Qwen3.Agents;

/// <summary>A step ended because a person refused a call. It is not attempted again.</summary>
/// <param name="step">The step.</param>
/// <param name="reason">The function whose call was refused, and the person's reason.</param>
public sealed class StepRefusedEvent(PlanStep step, string reason) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the function whose call was refused, and the person's reason.</summary>
    public string Reason { get; } = reason;
}
