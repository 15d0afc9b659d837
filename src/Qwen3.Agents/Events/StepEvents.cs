namespace Qwen3.Agents;

/// <summary>A step starts, is attempted again, or continues after an approval or in another process.</summary>
/// <param name="step">The step.</param>
/// <param name="attempt">The number of the attempt, starting at 1.</param>
public sealed class StepStartedEvent(PlanStep step, int attempt) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the number of the attempt, starting at 1.</summary>
    public int Attempt { get; } = attempt;
}

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

/// <summary>An attempt at a step failed.</summary>
/// <param name="step">The step.</param>
/// <param name="attempt">The number of the attempt, starting at 1.</param>
/// <param name="error">The reason.</param>
/// <param name="willRetry">Whether the step is attempted again. If not, a new plan is made for the remaining work.</param>
public sealed class StepFailedEvent(PlanStep step, int attempt, string error, bool willRetry) : Qwen3WorkflowEvent(step)
{
    /// <summary>Gets the step.</summary>
    public PlanStep Step { get; } = step;

    /// <summary>Gets the number of the attempt, starting at 1.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>Gets the reason.</summary>
    public string Error { get; } = error;

    /// <summary>Gets a value indicating whether the step is attempted again. If not, a new plan is made for the remaining work.</summary>
    public bool WillRetry { get; } = willRetry;
}
