namespace Qwen3.Agents;

/// <summary>What came of asking the planner.</summary>
/// <param name="State">The work, with what it took; stopped if there is no plan.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Reasoning">What the planner thought.</param>
internal sealed record PlanOutcome(RunState State, Plan? Plan, string Reasoning);
