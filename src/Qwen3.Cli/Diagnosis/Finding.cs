namespace Qwen3.Cli.Diagnosis;

/// <summary>A result of an examination.</summary>
/// <param name="Level">The severity.</param>
/// <param name="Subject">The thing that was examined.</param>
/// <param name="Text">The result.</param>
/// <param name="Advice">What to do, or <see langword="null"/>.</param>
internal sealed record Finding(FindingLevel Level, string Subject, string Text, string? Advice = null);

/// <summary>The severities of findings.</summary>
internal enum FindingLevel
{
    /// <summary>No problem, or information.</summary>
    Ok,

    /// <summary>It works, but not well.</summary>
    Warning,

    /// <summary>Models cannot run until it is repaired.</summary>
    Problem,
}
