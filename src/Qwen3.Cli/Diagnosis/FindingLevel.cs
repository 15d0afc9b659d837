namespace Qwen3.Cli.Diagnosis;

/// <summary>What a finding means.</summary>
internal enum FindingLevel
{
    /// <summary>It is as it should be, or just so.</summary>
    Ok,

    /// <summary>It works, and could work better.</summary>
    Warning,

    /// <summary>A model cannot be asked unless it is mended.</summary>
    Problem,
}
