using LLama.Native;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>Samples the tokens of one answer.</summary>
internal interface ITokenSampler : IDisposable
{
    /// <summary>Gets a value indicating whether the grammar allows nothing more: the answer ends here.</summary>
    bool IsFinal { get; }

    /// <summary>Samples the next token.</summary>
    /// <param name="output">Where in the batch its logits are.</param>
    /// <exception cref="LlamaException">The grammar and the logit biases leave no token to sample.</exception>
    int Sample(int output);

    /// <summary>Returns the tokens that have to come next; none where the next one is to be sampled.</summary>
    ReadOnlySpan<int> FindForced(ReadOnlySpan<int> answer);

    /// <summary>Returns whether a token ends the answer.</summary>
    bool IsStop(int token);

    /// <summary>Records a token that is put into the answer without being sampled.</summary>
    /// <exception cref="LlamaException">The grammar does not allow it here.</exception>
    void Accept(int token);
}

/// <summary>Samples with a sampler chain of llama.cpp, within a grammar.</summary>
/// <param name="chain">The chain. It is disposed with this.</param>
/// <param name="context">The context that has the logits.</param>
/// <param name="candidates">Room to choose in.</param>
/// <param name="grammar">The grammar, or <see langword="null"/>.</param>
/// <param name="stopTokens">The tokens that end the answer.</param>
/// <param name="forced">Finds forced tokens, or <see langword="null"/> if each token is to be sampled.</param>
/// <param name="biasedTokens">Tokens that are sampled even where the grammar leaves no other, because their logits are biased.</param>
internal sealed class TokenSampler(
    SafeLLamaSamplerChainHandle chain,
    SafeLLamaContextHandle context,
    Candidates candidates,
    GrammarMatcher? grammar,
    IEnumerable<int> stopTokens,
    ForcedTokens? forced,
    IEnumerable<int> biasedTokens) : ITokenSampler
{
    private readonly int[] _stopTokens = [.. stopTokens.Distinct()];
    private readonly int[] _notForced = [.. stopTokens.Union(biasedTokens)];

    public bool IsFinal => grammar is { IsFinal: true };

    public int Sample(int output)
    {
        if (grammar is null)
        {
            return (int)chain.Sample(context, output);
        }

        // Mostly the model writes what the grammar allows by itself, and one check is enough. Otherwise a second token is sampled
        // within the token mask, which has the same distribution as sampling within the mask at once.
        ReadOnlySpan<float> logits = context.GetLogitsIth(output);
        int token = candidates.Sample(chain, logits);
        if (!TryFollow(token))
        {
            token = candidates.Sample(chain, logits, grammar.GetTokenMask(), _stopTokens, grammar.IsComplete);
            if (!TryFollow(token))
            {
                throw new LlamaException("The grammar allows no token here that the logit biases do not forbid. Change one or the other.");
            }
        }

        chain.Accept(token);
        return token;
    }

    public ReadOnlySpan<int> FindForced(ReadOnlySpan<int> answer)
    {
        ReadOnlySpan<int> tokens = grammar is null || forced is null ? [] : forced.Find(grammar, answer);
        return tokens.IndexOfAny(_notForced) is >= 0 and int stop ? tokens[..stop] : tokens;
    }

    public bool IsStop(int token) => _stopTokens.AsSpan().Contains(token);

    public void Accept(int token)
    {
        if (!TryFollow(token))
        {
            throw new LlamaException(
                $"The grammar does not allow the thinking to be closed here: the token {token} cannot follow. Allow any token but the end " +
                "token in the thinking.");
        }

        chain.Accept(token);
    }

    public void Dispose() => chain.Dispose();

    private bool TryFollow(int token) =>
        grammar is null || (token >= 0 && (IsStop(token) ? grammar.IsComplete : grammar.TryAccept(token)));
}
