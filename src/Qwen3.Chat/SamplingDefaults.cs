using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;
using Qwen3.Chat.Routing;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>The sampling settings that the model cards recommend, and what a request overrides.</summary>
/// <remarks>
/// Sources: the model cards of Qwen/Qwen3-4B-Instruct-2507, Qwen/Qwen3-4B-Thinking-2507 and Qwen/Qwen3-4B.
/// </remarks>
internal static class SamplingDefaults
{
    private static readonly SamplingOptions s_instruct = new() { Temperature = 0.7f, TopP = 0.8f, TopK = 20, MinP = 0 };
    private static readonly SamplingOptions s_thinking =
        new() { Temperature = 0.6f, TopP = 0.95f, TopK = 20, MinP = 0 };

    public static int MaxOutputTokens(Qwen3Variant variant) => variant == Qwen3Variant.Instruct ? 16_384 : 32_768;

    /// <summary>Returns the sampling settings of a request.</summary>
    /// <param name="variant">The model's variant.</param>
    /// <param name="messages">The conversation, in which the hybrid honours <c>/think</c> and <c>/no_think</c>.</param>
    /// <param name="options">The request's settings, which take precedence.</param>
    /// <param name="thinks">Whether the model may think.</param>
    /// <param name="client">The argument for <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    public static SamplingOptions Create(
        Qwen3Variant variant, IEnumerable<ChatMessage> messages, ChatOptions? options, bool thinks, IChatClient client)
    {
        SamplingOptions sampling = options?.RawRepresentationFactory?.Invoke(client) as SamplingOptions
            ?? (thinks && Thinks(variant, messages, options) ? s_thinking : s_instruct);
        return options is null ? sampling : sampling with
        {
            Temperature = options.Temperature ?? sampling.Temperature,
            TopP = options.TopP ?? sampling.TopP,
            TopK = options.TopK ?? sampling.TopK,
            MinP = AdditionalOptions.Number(options, Qwen3OptionNames.MinP) ?? sampling.MinP,
            PresencePenalty = options.PresencePenalty ?? sampling.PresencePenalty,
            FrequencyPenalty = options.FrequencyPenalty ?? sampling.FrequencyPenalty,
            RepetitionPenalty =
                AdditionalOptions.Number(options, Qwen3OptionNames.RepetitionPenalty) ?? sampling.RepetitionPenalty,
            Seed = options.Seed is { } seed ? (uint)(seed ^ (seed >> 32)) : sampling.Seed,
        };
    }

    private static bool Thinks(Qwen3Variant variant, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (variant != Qwen3Variant.Hybrid)
        {
            return variant == Qwen3Variant.Thinking;
        }

        IEnumerable<string> texts = messages
            .Where(message => SoftSwitch.AppliesTo(message.Role))
            .Select(message => message.Text)
            .Prepend(options?.Instructions ?? "");
        return texts.Select(SoftSwitch.Last).LastOrDefault(thinks => thinks is not null) ?? true;
    }
}
