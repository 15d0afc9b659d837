namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>The bytes of a vocabulary's tokens, in their order, so that tokens that begin alike are looked at once.</summary>
internal sealed class TokenTable
{
    // All bytes, one token's after the other's in their order, so that a walk through them reads memory in a row.
    private readonly byte[] _bytes;
    private readonly int[] _sorted;
    private readonly int[] _common;
    private readonly (int Start, int Length)[] _places;
    private readonly int _longest;

    /// <param name="bytes">Each token's bytes, none for what is no text.</param>
    public TokenTable(byte[][] bytes)
    {
        _sorted = [.. Enumerable.Range(0, bytes.Length).Where(token => bytes[token].Length > 0)];
        Array.Sort(_sorted, (left, right) => bytes[left].AsSpan().SequenceCompareTo(bytes[right]));
        _bytes = new byte[bytes.Sum(token => token.Length)];
        _places = new (int, int)[bytes.Length];
        _common = new int[_sorted.Length];
        _longest = bytes.Max(token => token.Length);
        int start = 0;
        for (int i = 0; i < _sorted.Length; i++)
        {
            byte[] token = bytes[_sorted[i]];
            token.CopyTo(_bytes, start);
            _places[_sorted[i]] = (start, token.Length);
            _common[i] = i == 0 ? 0 : token.AsSpan().CommonPrefixLength(bytes[_sorted[i - 1]]);
            start += token.Length;
        }
    }

    public int VocabularySize => _places.Length;

    /// <summary>A token's bytes; none for a special token, which is no text.</summary>
    public ReadOnlySpan<byte> this[int token] => _bytes.AsSpan(_places[token].Start, _places[token].Length);

    /// <summary>Finds the tokens whose bytes can follow a state, a bit for each.</summary>
    public ulong[] FindAllowed(GrammarAutomaton automaton, GrammarState state)
    {
        var allowed = new ulong[(VocabularySize + 63) / 64];
        // Where the bytes that the next token begins with too lead, and which byte leads nowhere.
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

            int token = _sorted[i];
            ReadOnlySpan<byte> bytes = this[token];
            int shared = i + 1 < _common.Length ? _common[i + 1] : 0;
            GrammarState? next = path[depth];
            while (depth < bytes.Length && (next = automaton.Next(next!, bytes[depth])) is not null)
            {
                depth++;
                if (depth <= shared)
                {
                    path[depth] = next;
                }
            }

            dead = next is null ? depth : int.MaxValue;
            allowed[token >> 6] |= next is null ? 0 : 1UL << token;
        }

        return allowed;
    }
}
