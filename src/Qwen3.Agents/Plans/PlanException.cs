using Qwen3.LlamaCpp;

namespace Qwen3.Agents;

/// <summary>The planner returned no plan that can be carried out.</summary>
public sealed class PlanException : Qwen3Exception
{
    /// <summary>Initializes a new instance of the <see cref="PlanException"/> class.</summary>
    /// <param name="findings">The errors in the plan, each in a sentence.</param>
    /// <param name="planText">The last answer of the model.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public PlanException(IReadOnlyList<string> findings, string planText, Exception? innerException = null)
        : base($"The planner has no plan that can be carried out: {string.Join(" ", findings)} Its last answer: {planText}", innerException)
    {
        Findings = findings;
        PlanText = planText;
    }

    /// <summary>Gets the errors in the plan, each in a sentence.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Gets the last answer of the model.</summary>
    public string PlanText { get; }
}
