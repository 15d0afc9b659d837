namespace Qwen3.Agents;

/// <summary>What the steps' executor remembers in a checkpoint.</summary>
/// <param name="State">The work under way, if any.</param>
/// <param name="IsContinuing">Whether a message to go on is on its way.</param>
internal sealed record StepsProgress(RunState? State, bool IsContinuing);
