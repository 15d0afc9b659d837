namespace Qwen3.Agents;

/// <summary>A step is attempted, or goes on in another process or after an approval.</summary>
/// <param name="step">The step.</param>
/// <param name="attempt">The number of the attempt, from 1.</param>
public sealed class StepStartedEvent(PlanStep step, int attempt) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the number of the attempt, from 1.</summary>
    public int Attempt { get; } = attempt;
}
