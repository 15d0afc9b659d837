using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>A plan that waits for a person: the request of the port <c>plan-review</c>, answered with a <see cref="PlanDecision"/>.</summary>
/// <param name="Plan">The plan; a new one has the steps for what is left, whose ids go on where those before ended.</param>
/// <param name="Reasoning">What the planner thought.</param>
public sealed record PlanReview(
    // Required, for the request is JSON in a run that was resumed, and what lacks these is another one.
    [property: JsonRequired] Plan Plan, [property: JsonRequired] string Reasoning);
