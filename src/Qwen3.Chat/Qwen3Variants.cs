using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

internal static class Qwen3Variants
{
    /// <summary>Returns a model's variant, which its chat template shows.</summary>
    /// <exception cref="ModelFileException">The model has no chat template.</exception>
    public static Qwen3Variant Detect(ModelFile file) => TryDetect(file) ?? throw new ModelFileException(
        file.Path,
        $"{file.Path} has no chat template, which shows the Qwen3 variant of a model. " +
        $"Set {nameof(Qwen3ChatClientOptions)}.{nameof(Qwen3ChatClientOptions.Variant)}.");

    /// <summary>Returns a model's variant, or <see langword="null"/> if its chat template is missing or empty.</summary>
    public static Qwen3Variant? TryDetect(ModelFile file) =>
        string.IsNullOrWhiteSpace(file.ChatTemplate) ? null : Detect(file.ChatTemplate);

    public static Qwen3Variant Detect(string chatTemplate)
    {
        if (chatTemplate.Contains("enable_thinking", StringComparison.Ordinal))
        {
            return Qwen3Variant.Hybrid;
        }

        // What stands behind the last mention is the generation prompt.
        int generationPrompt = chatTemplate.LastIndexOf("add_generation_prompt", StringComparison.Ordinal);
        return generationPrompt >= 0 && chatTemplate.AsSpan(generationPrompt).Contains("<think>", StringComparison.Ordinal)
            ? Qwen3Variant.Thinking
            : Qwen3Variant.Instruct;
    }

    /// <summary>Returns the variant that a model's name says; <see langword="null"/> if it says none.</summary>
    public static Qwen3Variant? FromName(string name) =>
        Has(name, "thinking") ? Qwen3Variant.Thinking
        // Some catalogues leave "Instruct" out of the name of the newer one.
        : Has(name, "instruct") || Has(name, "2507") ? Qwen3Variant.Instruct
        : Has(name, "qwen3") ? Qwen3Variant.Hybrid
        : null;

    private static bool Has(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
