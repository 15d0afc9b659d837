namespace Qwen3.Agents;

/// <summary>What came of a step.</summary>
/// <param name="Step">The step. Ids are unique in a workflow, also over new plans.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Attempts">How many times it was attempted.</param>
/// <param name="Result">The result, if it is done.</param>
/// <param name="Error">Why its last attempt failed, if it did.</param>
public sealed record StepResult(PlanStep Step, StepStatus Status, int Attempts, string? Result, string? Error);
