using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>The three chat behaviours of the Qwen3-4B family.</summary>
/// <remarks>The variant of a file is detected from its chat template.</remarks>
public enum Qwen3Variant
{
    /// <summary>Qwen3-4B-Instruct-2507: does not think and never writes <c>&lt;think&gt;</c>.</summary>
    Instruct,

    /// <summary>Qwen3-4B-Thinking-2507: always thinks. Its prompt already opens <c>&lt;think&gt;</c>.</summary>
    Thinking,

    /// <summary>Qwen3-4B of April 2025: thinks unless thinking is turned off.</summary>
    Hybrid,
}

/// <summary>Tells the variant of a model.</summary>
internal static class Qwen3Variants
{
    /// <summary>Returns a model's variant, which its chat template shows.</summary>
    /// <exception cref="ModelFileException">The model has no chat template.</exception>
    public static Qwen3Variant Detect(ModelFile file) => TryDetect(file) ?? throw new ModelFileException(
        file.Path,
        $"{file.Path} has no chat template, which shows the Qwen3 variant of a model. " +
        $"Set {nameof(Qwen3ChatClientOptions)}.{nameof(Qwen3ChatClientOptions.Variant)}.");

    /// <summary>
    /// Returns a model's variant, or <see langword="null"/> if its chat template is missing or empty.
    /// </summary>
    public static Qwen3Variant? TryDetect(ModelFile file) =>
        string.IsNullOrWhiteSpace(file.ChatTemplate) ? null : Detect(file.ChatTemplate);

    public static Qwen3Variant Detect(string chatTemplate)
    {
        if (chatTemplate.Contains("enable_thinking", StringComparison.Ordinal))
        {
            return Qwen3Variant.Hybrid;
        }

        // The generation prompt follows the last mention.
        int generationPrompt = chatTemplate.LastIndexOf("add_generation_prompt", StringComparison.Ordinal);
        return generationPrompt >= 0 &&
            chatTemplate.AsSpan(generationPrompt).Contains("<think>", StringComparison.Ordinal)
            ? Qwen3Variant.Thinking
            : Qwen3Variant.Instruct;
    }

    /// <summary>
    /// Returns the variant that a model's name says, or <see langword="null"/> if the name does not say one.
    /// </summary>
    public static Qwen3Variant? FromName(string name)
    {
        bool Has(string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
        return Has("thinking") ? Qwen3Variant.Thinking
            // Some catalogues leave "Instruct" out of the name of the model of July 2025.
            : Has("instruct") || Has("2507") ? Qwen3Variant.Instruct
            : Has("qwen3") || Has("hybrid") ? Qwen3Variant.Hybrid
            : null;
    }
}
