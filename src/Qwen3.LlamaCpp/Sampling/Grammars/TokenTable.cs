namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>The bytes of a vocabulary's tokens, in their order, so that tokens that begin alike are looked at once.</summary>
internal sealed class TokenTable
{
    private readonly byte[][] _bytes;
    private readonly int[] _sorted;
    private readonly int[] _common;
    private readonly int _longest;

    /// <param name="bytes">Each token's bytes, none for what is no text.</param>
    public TokenTable(byte[][] bytes)
    {
        _bytes = bytes;
        _sorted = [.. Enumerable.Range(0, bytes.Length).Where(token => bytes[token].Length > 0)];
        Array.Sort(_sorted, (left, right) => bytes[left].AsSpan().SequenceCompareTo(bytes[right]));
        _common = new int[_sorted.Length];
        for (int i = 1; i < _sorted.Length; i++)
        {
            _common[i] = bytes[_sorted[i - 1]].AsSpan().CommonPrefixLength(bytes[_sorted[i]]);
        }

        _longest = bytes.Max(token => token.Length);
    }

    public int VocabularySize => _bytes.Length;

    /// <summary>A token's bytes; none for a special token, which is no text.</summary>
    public ReadOnlySpan<byte> this[int token] => _bytes[token];

    /// <summary>Finds the tokens whose bytes can follow a state, a bit for each.</summary>
    public ulong[] FindAllowed(GrammarAutomaton automaton, GrammarState state)
    {
        var allowed = new ulong[(_bytes.Length + 63) / 64];
        // Where the bytes of the token before lead, and which of them leads nowhere.
        var path = new GrammarState?[_longest + 1];
        path[0] = state;
        int dead = int.MaxValue;
        for (int i = 0; i < _sorted.Length; i++)
        {
            int depth = _common[i];
            if (depth > dead)
            {
                continue;
            }

            byte[] bytes = _bytes[_sorted[i]];
            dead = int.MaxValue;
            for (; depth < bytes.Length; depth++)
            {
                path[depth + 1] = automaton.Next(path[depth]!, bytes[depth]);
                if (path[depth + 1] is null)
                {
                    dead = depth;
                    break;
                }
            }

            if (dead == int.MaxValue)
            {
                allowed[_sorted[i] >> 6] |= 1UL << _sorted[i];
            }
        }

        return allowed;
    }
}
