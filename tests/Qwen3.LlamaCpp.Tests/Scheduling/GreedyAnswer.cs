namespace Qwen3.LlamaCpp.Tests.Scheduling;

/// <summary>What the model answers to a prompt when it computes nothing else.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Tokens">The most likely token at each step, up to the end of the turn or a number of tokens.</param>
/// <param name="Margin">By how much the most likely token was ahead of the next one, at the step where it was least.</param>
public sealed record GreedyAnswer(int[] Prompt, int[] Tokens, float Margin);
