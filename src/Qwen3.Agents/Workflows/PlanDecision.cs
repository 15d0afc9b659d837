using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>What a person says to a plan: the answer to a <see cref="PlanReview"/>.</summary>
public sealed record PlanDecision
{
    [JsonConstructor]
    internal PlanDecision(bool isApproved, Plan? plan, string? feedback)
    {
        IsApproved = isApproved;
        Plan = plan;
        Feedback = feedback;
    }

    /// <summary>Gets whether there is a plan to carry out: the planner's, or <see cref="Plan"/>.</summary>
    public bool IsApproved { get; }

    /// <summary>Gets the plan to carry out instead of the planner's.</summary>
    public Plan? Plan { get; }

    /// <summary>Gets what the planner is to do better, if it is to make another plan.</summary>
    public string? Feedback { get; }

    /// <summary>The plan is good.</summary>
    /// <returns>The decision.</returns>
    public static PlanDecision Approve() => new(true, null, null);

    /// <summary>Another plan is to be carried out. One that cannot be is put to the person again, with what is wrong as its reasoning.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The decision.</returns>
    public static PlanDecision Edit(Plan plan) => new(true, plan ?? throw new ArgumentNullException(nameof(plan)), null);

    /// <summary>The plan is refused.</summary>
    /// <param name="feedback">What to do better: the planner makes another plan. Without it the workflow ends.</param>
    /// <returns>The decision.</returns>
    public static PlanDecision Refuse(string? feedback = null) => new(false, null, feedback);
}
