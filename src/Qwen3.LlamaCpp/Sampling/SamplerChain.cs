using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>Builds llama.cpp's sampler chain for a request.</summary>
internal static class SamplerChain
{
    // llama.cpp reads this seed as "choose one".
    private const uint ReservedSeed = 0xFFFFFFFF;

    /// <param name="options">Checked before.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxTokens">How long the answer can become.</param>
    public static SamplerHandle Create(SamplingOptions options, int vocabularySize, int maxTokens)
    {
        var chain = new SamplerHandle(NativeMethods.llama_sampler_chain_init(new() { NoPerformanceTimings = 1 }));
        try
        {
            if (options.LogitBias is { Count: > 0 } biases)
            {
                Add(chain, CreateLogitBias(biases, vocabularySize));
            }

            if (options.RepetitionPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
            {
                Add(chain, NativeMethods.llama_sampler_init_penalties(
                    vocabularySize,
                    Math.Min(options.PenaltyWindow ?? maxTokens, maxTokens),
                    options.RepetitionPenalty,
                    options.FrequencyPenalty,
                    options.PresencePenalty));
            }

            if (options.Temperature == 0)
            {
                Add(chain, NativeMethods.llama_sampler_init_greedy());
                return chain;
            }

            if (options.TopK > 0)
            {
                Add(chain, NativeMethods.llama_sampler_init_top_k(options.TopK));
            }

            if (options.TopP < 1)
            {
                Add(chain, NativeMethods.llama_sampler_init_top_p(options.TopP, minKeep: 1));
            }

            if (options.MinP > 0)
            {
                Add(chain, NativeMethods.llama_sampler_init_min_p(options.MinP, minKeep: 1));
            }

            if (options.Temperature != 1)
            {
                Add(chain, NativeMethods.llama_sampler_init_temp(options.Temperature));
            }

            uint seed = options.Seed ?? (uint)Random.Shared.NextInt64(ReservedSeed);
            Add(chain, NativeMethods.llama_sampler_init_dist(seed == ReservedSeed ? 0 : seed));
            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    private static void Add(SamplerHandle chain, nint sampler)
    {
        if (sampler == 0)
        {
            throw new LlamaException("llama.cpp could not create a sampler; the process may be out of memory.");
        }

        NativeMethods.llama_sampler_chain_add(chain, sampler);
    }

    private static unsafe nint CreateLogitBias(IReadOnlyDictionary<int, float> biases, int vocabularySize)
    {
        LlamaLogitBias[] native = [.. biases.Select(bias => new LlamaLogitBias { Token = bias.Key, Bias = bias.Value })];
        fixed (LlamaLogitBias* pointer = native)
        {
            return NativeMethods.llama_sampler_init_logit_bias(vocabularySize, native.Length, pointer);
        }
    }
}
