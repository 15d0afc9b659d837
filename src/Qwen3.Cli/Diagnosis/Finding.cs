namespace Qwen3.Cli.Diagnosis;

/// <summary>Something that was looked at, and what to do about it.</summary>
/// <param name="Level">What it means.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do; <see langword="null"/> if nothing is to be done.</param>
internal sealed record Finding(FindingLevel Level, string Subject, string Text, string? Advice = null);
