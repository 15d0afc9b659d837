namespace Qwen3.Agents;

/// <summary>Have the answer written, or why there is none.</summary>
internal sealed record AnswerTurn(RunState State);
