namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Token byte strings in lexicographic order, so that shared prefixes are matched once.</summary>
internal sealed class TokenTrie
{
    // All tokens one after the other, so that a walk through them reads memory sequentially.
    private readonly byte[] _bytes;
    private readonly int[] _sorted;
    private readonly int[] _common;
    private readonly (int Start, int Length)[] _offsets;
    private readonly int _longest;

    /// <param name="bytes">The bytes of each token, none for special tokens.</param>
    public TokenTrie(byte[][] bytes)
    {
        _sorted = [.. Enumerable.Range(0, bytes.Length).Where(token => bytes[token].Length > 0)];
        Array.Sort(_sorted, (left, right) => bytes[left].AsSpan().SequenceCompareTo(bytes[right]));
        _bytes = new byte[bytes.Sum(token => token.Length)];
        _offsets = new (int, int)[bytes.Length];
        _common = new int[_sorted.Length];
        _longest = bytes.Max(token => token.Length);
        int start = 0;
        for (int i = 0; i < _sorted.Length; i++)
        {
            byte[] token = bytes[_sorted[i]];
            token.CopyTo(_bytes, start);
            _offsets[_sorted[i]] = (start, token.Length);
            _common[i] = i == 0 ? 0 : token.AsSpan().CommonPrefixLength(bytes[_sorted[i - 1]]);
            start += token.Length;
        }
    }

    public int VocabularySize => _offsets.Length;

    /// <summary>The bytes of a token; none for a special token.</summary>
    public ReadOnlySpan<byte> this[int token] => _bytes.AsSpan(_offsets[token].Start, _offsets[token].Length);

    /// <summary>Computes the token mask of a parser state: one bit for each token whose bytes can follow.</summary>
    public ulong[] ComputeMask(GrammarAutomaton automaton, GrammarState state)
    {
        var allowed = new ulong[(VocabularySize + 63) / 64];
        // The states behind the prefixes that are shared with the next token, and the length of the prefix that cannot
        // follow.
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
