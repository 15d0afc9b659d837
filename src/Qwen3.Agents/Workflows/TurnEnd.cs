namespace Qwen3.Agents;

/// <summary>The work for a goal has ended.</summary>
/// <param name="State">The work.</param>
/// <param name="Answer">The answer.</param>
internal sealed record TurnEnd(RunState State, string Answer);
