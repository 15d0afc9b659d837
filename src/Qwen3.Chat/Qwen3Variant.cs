namespace Qwen3.Chat;

/// <summary>The three chat behaviours of the Qwen3-4B family.</summary>
/// <remarks>Which one a file holds is read off its chat template; the weights say nothing about it.</remarks>
public enum Qwen3Variant
{
    /// <summary>Qwen3-4B-Instruct-2507: never thinks and never writes <c>&lt;think&gt;</c>.</summary>
    Instruct,

    /// <summary>Qwen3-4B-Thinking-2507: always thinks. Its prompt already opens <c>&lt;think&gt;</c>.</summary>
    Thinking,

    /// <summary>Qwen3-4B of April 2025: thinks unless it is told not to.</summary>
    Hybrid,
}
