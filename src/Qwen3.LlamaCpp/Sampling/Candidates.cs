using System.Numerics;
using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>The tokens that one is drawn from: room for a whole vocabulary, used again for each draw.</summary>
internal sealed unsafe class Candidates(int vocabularySize)
{
    private readonly LlamaTokenData[] _data = GC.AllocateUninitializedArray<LlamaTokenData>(vocabularySize, pinned: true);

    /// <summary>Draws from all tokens.</summary>
    public int Draw(SamplerHandle chain, float* logits)
    {
        Span<LlamaTokenData> data = _data;
        for (int token = 0; token < data.Length; token++)
        {
            data[token] = new() { Token = token, Logit = logits[token] };
        }

        return Draw(chain, data.Length);
    }

    /// <summary>Draws from some tokens; −1 if none is possible.</summary>
    /// <param name="chain">The sampler.</param>
    /// <param name="logits">The predictions.</param>
    /// <param name="allowed">The tokens, a bit for each; those that end the answer do not count.</param>
    /// <param name="stopTokens">The tokens that end the answer.</param>
    /// <param name="mayStop">Whether it may end.</param>
    public int Draw(SamplerHandle chain, float* logits, ReadOnlySpan<ulong> allowed, ReadOnlySpan<int> stopTokens, bool mayStop)
    {
        int count = 0;
        for (int i = 0; i < allowed.Length; i++)
        {
            for (ulong bits = allowed[i]; bits != 0; bits &= bits - 1)
            {
                int token = (i << 6) + BitOperations.TrailingZeroCount(bits);
                if (!stopTokens.Contains(token))
                {
                    _data[count++] = new() { Token = token, Logit = logits[token] };
                }
            }
        }

        foreach (int token in mayStop ? stopTokens : [])
        {
            _data[count++] = new() { Token = token, Logit = logits[token] };
        }

        return Draw(chain, count);
    }

    private int Draw(SamplerHandle chain, int count)
    {
        if (count == 0)
        {
            return -1;
        }

        fixed (LlamaTokenData* data = _data)
        {
            var candidates = new LlamaTokenDataArray { Data = data, Size = (nuint)count, Selected = -1 };
            NativeMethods.llama_sampler_apply(chain, &candidates);
            LlamaTokenData drawn = candidates.Selected < 0 ? default : candidates.Data[candidates.Selected];
            return candidates.Selected < 0 || float.IsNegativeInfinity(drawn.Logit) ? -1 : drawn.Token;
        }
    }
}
