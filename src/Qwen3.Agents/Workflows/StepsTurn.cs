namespace Qwen3.Agents;

/// <summary>Have the steps carried out.</summary>
internal sealed record StepsTurn(RunState State);
