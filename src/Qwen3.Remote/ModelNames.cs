using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>What the names that servers give to Qwen3 models say.</summary>
internal static class ModelNames
{
    /// <exception cref="ArgumentException">The name does not say which variant it is.</exception>
    public static Qwen3Variant Variant(string model) =>
        Has(model, "thinking") ? Qwen3Variant.Thinking
        // Some catalogues leave "Instruct" out of the newer one's name.
        : Has(model, "instruct") || Has(model, "2507") ? Qwen3Variant.Instruct
        : Has(model, "qwen3") ? Qwen3Variant.Hybrid
        : throw new ArgumentException(
            $"The model's name '{model}' does not say which Qwen3 variant it is. " +
            $"Set {nameof(Qwen3RemoteChatClientOptions)}.{nameof(Qwen3RemoteChatClientOptions.Variant)}.",
            nameof(model));

    private static bool Has(string model, string part) => model.Contains(part, StringComparison.OrdinalIgnoreCase);
}
