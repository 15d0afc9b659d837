namespace Qwen3.Agents;

/// <summary>An attempt at a step has failed.</summary>
/// <param name="step">The step.</param>
/// <param name="attempt">The number of the attempt, from 1.</param>
/// <param name="error">Why.</param>
/// <param name="willRetry">Whether it is attempted again; if not, a new plan is made for what is left.</param>
public sealed class StepFailedEvent(PlanStep step, int attempt, string error, bool willRetry) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the number of the attempt, from 1.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>Gets why.</summary>
    public string Error { get; } = error;

    /// <summary>Gets whether it is attempted again; if not, a new plan is made for what is left.</summary>
    public bool WillRetry { get; } = willRetry;
}
