namespace Qwen3.Agents;

/// <summary>A planner has not come to a plan that can be carried out.</summary>
public sealed class PlanException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="findings">What is wrong with the plan, each in a sentence.</param>
    /// <param name="planText">The plan as the model wrote it.</param>
    /// <param name="innerException">What led to it, if there is more to say.</param>
    public PlanException(IReadOnlyList<string> findings, string planText, Exception? innerException = null)
        : base($"The planner has no plan that can be carried out: {string.Join(" ", findings)} Its last answer: {planText}", innerException)
    {
        Findings = findings;
        PlanText = planText;
    }

    /// <summary>Gets what is wrong with the plan, each in a sentence.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Gets the plan as the model wrote it.</summary>
    public string PlanText { get; }
}
