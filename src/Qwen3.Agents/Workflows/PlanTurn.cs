namespace Qwen3.Agents;

/// <summary>Have a plan made for what is left, since a step has failed.</summary>
internal sealed record PlanTurn(RunState State);
