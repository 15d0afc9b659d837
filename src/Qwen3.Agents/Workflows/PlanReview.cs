namespace Qwen3.Agents;

/// <summary>A plan that waits for a person: the request of the port <c>plan-review</c>, answered with a <see cref="PlanDecision"/>.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Reasoning">What the planner thought.</param>
public sealed record PlanReview(Plan Plan, string Reasoning);
