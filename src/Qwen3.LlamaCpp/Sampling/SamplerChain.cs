using LLama.Native;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>Builds llama.cpp's sampler chain for a request.</summary>
internal static class SamplerChain
{
    // llama.cpp reads this seed as "choose one".
    private const uint ReservedSeed = 0xFFFFFFFF;

    /// <param name="options">Checked before.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxTokens">How long the answer can become.</param>
    public static SafeLLamaSamplerChainHandle Create(SamplingOptions options, int vocabularySize, int maxTokens)
    {
        var chain = SafeLLamaSamplerChainHandle.Create(new() { NoPerf = true });
        try
        {
            if (options.LogitBias is { Count: > 0 } biases)
            {
                chain.AddLogitBias(vocabularySize, ToNative(biases));
            }

            if (options.RepetitionPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
            {
                chain.AddPenalties(
                    Math.Min(options.PenaltyWindow ?? maxTokens, maxTokens),
                    options.RepetitionPenalty,
                    options.FrequencyPenalty,
                    options.PresencePenalty);
            }

            if (options.Temperature == 0)
            {
                chain.AddGreedySampler();
                return chain;
            }

            if (options.TopK > 0)
            {
                chain.AddTopK(options.TopK);
            }

            if (options.TopP < 1)
            {
                chain.AddTopP(options.TopP, minKeep: 1);
            }

            if (options.MinP > 0)
            {
                chain.AddMinP(options.MinP, minKeep: 1);
            }

            if (options.Temperature != 1)
            {
                chain.AddTemperature(options.Temperature);
            }

            uint seed = options.Seed ?? (uint)Random.Shared.NextInt64(ReservedSeed);
            chain.AddDistributionSampler(seed == ReservedSeed ? 0 : seed);
            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    private static LLamaLogitBias[] ToNative(IReadOnlyDictionary<int, float> biases) =>
        [.. biases.Select(bias => new LLamaLogitBias { Token = bias.Key, Bias = bias.Value })];
}
