using LLama.Native;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp.Sampling;

/// <summary>Draws the tokens of one answer.</summary>
/// <param name="chain">Draws. It is disposed of with this.</param>
/// <param name="grammar">What the answer is held to, if anything.</param>
/// <param name="stopTokens">The tokens that end the answer.</param>
/// <param name="forced">Finds what the grammar leaves no choice about, if that need not be drawn.</param>
/// <param name="drawnTokens">Tokens that are drawn all the same, for something may be against them.</param>
internal sealed class TokenSampler(
    SafeLLamaSamplerChainHandle chain, GrammarMatcher? grammar, IEnumerable<int> stopTokens, ForcedTokens? forced, IEnumerable<int> drawnTokens) : IDisposable
{
    private readonly int[] _stopTokens = [.. stopTokens.Distinct()];
    private readonly int[] _notForced = [.. stopTokens.Union(drawnTokens)];

    /// <summary>Whether the grammar has no way to go on: the answer ends here.</summary>
    public bool IsFinal => grammar is { IsFinal: true };

    /// <param name="context">What has the predictions.</param>
    /// <param name="output">Where in the batch they are.</param>
    /// <param name="candidates">Room to choose in.</param>
    /// <exception cref="LlamaException">The grammar and the logit biases leave no token to draw.</exception>
    public int Sample(SafeLLamaContextHandle context, int output, Candidates candidates)
    {
        if (grammar is null)
        {
            return (int)chain.Sample(context, output);
        }

        // Mostly the model writes what the grammar wants by itself: then one look is enough. The second draw is from what the grammar allows, and
        // so is the outcome of both together.
        ReadOnlySpan<float> logits = context.GetLogitsIth(output);
        int token = candidates.Sample(chain, logits);
        if (!TryFollow(token))
        {
            token = candidates.Sample(chain, logits, grammar.GetTokenMask(), _stopTokens, grammar.IsComplete);
            if (!TryFollow(token))
            {
                throw new LlamaException("The grammar allows no token here that the logit biases do not forbid. Change the one or the other.");
            }
        }

        chain.Accept(token);
        return token;
    }

    /// <summary>The tokens that have to come next; none where the next one is to be drawn.</summary>
    public ReadOnlySpan<int> FindForced(ReadOnlySpan<int> answer)
    {
        ReadOnlySpan<int> tokens = grammar is null || forced is null ? [] : forced.Find(grammar, answer);
        return tokens.IndexOfAny(_notForced) is >= 0 and int stop ? tokens[..stop] : tokens;
    }

    /// <summary>Whether a token ends the answer.</summary>
    public bool IsStop(int token) => _stopTokens.AsSpan().Contains(token);

    /// <summary>Takes note of a token that is put into the answer.</summary>
    /// <exception cref="LlamaException">The grammar does not have it there.</exception>
    public void Accept(int token)
    {
        if (!TryFollow(token))
        {
            throw new LlamaException($"The grammar does not let the thinking be closed where it is to be: the token {token} cannot follow. Allow any token but the end token in the thinking.");
        }

        chain.Accept(token);
    }

    public void Dispose() => chain.Dispose();

    private bool TryFollow(int token) => grammar is null || (token >= 0 && (IsStop(token) ? grammar.IsComplete : grammar.TryAccept(token)));
}
