namespace Qwen3.Agents;

/// <summary>A step has a result.</summary>
/// <param name="step">The step.</param>
/// <param name="result">The result.</param>
public sealed class StepDoneEvent(PlanStep step, string result) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the result.</summary>
    public string Result { get; } = result;
}
