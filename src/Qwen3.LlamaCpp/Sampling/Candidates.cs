using System.Numerics;
using System.Runtime.InteropServices;
using LLama.Native;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>The tokens that one is sampled from: room for a whole vocabulary, used again for each token.</summary>
internal sealed class Candidates
{
    private readonly LLamaTokenData[] _data;
    private readonly Memory<LLamaTokenData> _memory;

    public Candidates(int vocabularySize)
    {
        _data = GC.AllocateUninitializedArray<LLamaTokenData>(vocabularySize, pinned: true);
        _memory = MemoryMarshal.CreateFromPinnedArray(_data, 0, vocabularySize);
    }

    /// <summary>Samples from all tokens.</summary>
    public int Sample(SafeLLamaSamplerChainHandle chain, ReadOnlySpan<float> logits)
    {
        Span<LLamaTokenData> data = _data;
        for (int token = 0; token < data.Length; token++)
        {
            data[token] = new(token, logits[token], 0);
        }

        return Sample(chain, data.Length);
    }

    /// <summary>Samples from some tokens; returns −1 if none is possible.</summary>
    /// <param name="chain">The sampler chain.</param>
    /// <param name="logits">The logits.</param>
    /// <param name="allowed">The token mask, a bit for each token; those that end the answer do not count.</param>
    /// <param name="stopTokens">The tokens that end the answer.</param>
    /// <param name="mayStop">Whether the answer may end.</param>
    public int Sample(
        SafeLLamaSamplerChainHandle chain, ReadOnlySpan<float> logits, ReadOnlySpan<ulong> allowed, ReadOnlySpan<int> stopTokens, bool mayStop)
    {
        int count = 0;
        for (int i = 0; i < allowed.Length; i++)
        {
            for (ulong bits = allowed[i]; bits != 0; bits &= bits - 1)
            {
                int token = (i << 6) + BitOperations.TrailingZeroCount(bits);
                if (!stopTokens.Contains(token))
                {
                    _data[count++] = new(token, logits[token], 0);
                }
            }
        }

        foreach (int token in mayStop ? stopTokens : [])
        {
            _data[count++] = new(token, logits[token], 0);
        }

        return Sample(chain, count);
    }

    private int Sample(SafeLLamaSamplerChainHandle chain, int count)
    {
        if (count == 0)
        {
            return -1;
        }

        using (LLamaTokenDataArrayNative.Create(new LLamaTokenDataArray(_memory[..count]), out LLamaTokenDataArrayNative candidates))
        {
            candidates.Selected = -1;
            chain.Apply(ref candidates);
            if (candidates.Selected < 0)
            {
                return -1;
            }

            LLamaTokenData selected = candidates.Data[(int)candidates.Selected];
            return float.IsNegativeInfinity(selected.Logit) ? -1 : (int)selected.ID;
        }
    }
}
