using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

internal static class Qwen3Variants
{
    /// <summary>Which variant a model is, as the chat template in its file shows.</summary>
    /// <exception cref="ModelFileException">The model has no chat template.</exception>
    public static Qwen3Variant Detect(ModelFile file)
    {
        return file.ChatTemplate is { } template
            ? Detect(template)
            : throw new ModelFileException(
                file.Path,
                $"{file.Path} has no chat template that would tell which Qwen3 variant it is. Set {nameof(Qwen3ChatClientOptions)}.{nameof(Qwen3ChatClientOptions.Variant)}.");
    }

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

    /// <summary>What a model's name suggests, before its file is there.</summary>
    public static Qwen3Variant Guess(string name) =>
        name.Contains("thinking", StringComparison.OrdinalIgnoreCase) ? Qwen3Variant.Thinking
        : name.Contains("instruct", StringComparison.OrdinalIgnoreCase) ? Qwen3Variant.Instruct
        : Qwen3Variant.Hybrid;
}
