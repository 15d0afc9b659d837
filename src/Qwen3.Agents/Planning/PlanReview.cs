using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>A plan to be reviewed by a person: the request of the port <c>plan-review</c>. Respond with a <see cref="PlanDecision"/>.</summary>
/// <param name="Plan">The plan. A later plan has the remaining steps, with ids that continue after the earlier ones.</param>
/// <param name="Reasoning">The planner's reasoning.</param>
public sealed record PlanReview(
    // Required, for the request is JSON in a run that was resumed, and what lacks these is another one.
    [property: JsonRequired] Plan Plan, [property: JsonRequired] string Reasoning);

/// <summary>A person's response to a <see cref="PlanReview"/>.</summary>
public sealed record PlanDecision
{
    [JsonConstructor]
    internal PlanDecision(bool isApproved, Plan? plan, string? feedback)
    {
        IsApproved = isApproved;
        Plan = plan;
        Feedback = feedback;
    }

    /// <summary>Gets a value indicating whether a plan is approved: the planner's, or <see cref="Plan"/>.</summary>
    public bool IsApproved { get; }

    /// <summary>Gets the edited plan, or <see langword="null"/>.</summary>
    public Plan? Plan { get; }

    /// <summary>Gets the feedback for the planner's next plan, or <see langword="null"/>.</summary>
    public string? Feedback { get; }

    /// <summary>Approves the plan.</summary>
    /// <returns>The decision.</returns>
    public static PlanDecision Approve() => new(true, null, null);

    /// <summary>Replaces the plan. If the new plan is invalid, it is reviewed again, with its errors as the reasoning.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The decision.</returns>
    public static PlanDecision Edit(Plan plan) => new(true, plan ?? throw new ArgumentNullException(nameof(plan)), null);

    /// <summary>Refuses the plan.</summary>
    /// <param name="feedback">The feedback for another plan. Without feedback the workflow ends.</param>
    /// <returns>The decision.</returns>
    public static PlanDecision Refuse(string? feedback = null) => new(false, null, feedback);
}
