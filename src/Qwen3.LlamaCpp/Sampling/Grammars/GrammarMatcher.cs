namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>The parser of one answer.</summary>
/// <remarks>Not safe for concurrent use, but several matchers can share an automaton.</remarks>
internal sealed class GrammarMatcher
{
    private readonly GrammarAutomaton _automaton;
    private readonly TokenTrie _table;
    private GrammarState _state;

    public GrammarMatcher(GrammarAutomaton automaton, TokenTrie table)
    {
        _automaton = automaton;
        _table = table;
        lock (automaton)
        {
            automaton.StartStep();
            _state = automaton.Start;
        }
    }

    private GrammarMatcher(GrammarMatcher other)
    {
        _automaton = other._automaton;
        _table = other._table;
        _state = other._state;
    }

    /// <summary>Whether the answer may end here.</summary>
    public bool IsComplete => _state.IsComplete;

    /// <summary>Whether the answer has to end here.</summary>
    public bool IsFinal => _state.IsFinal;

    /// <summary>Creates a matcher in the same parser state.</summary>
    public GrammarMatcher Copy() => new(this);

    /// <summary>Goes on by a token; <see langword="false"/> if it may not follow.</summary>
    public bool TryAccept(int token)
    {
        lock (_automaton)
        {
            _automaton.StartStep();
            ReadOnlySpan<byte> bytes = _table[token];
            GrammarState? next = bytes.IsEmpty ? null : _state;
            for (int i = 0; i < bytes.Length && next is not null; i++)
            {
                next = _automaton.Next(next, bytes[i]);
            }

            if (_automaton.Join(next, _automaton.NextToken(_state, token)) is not { } state)
            {
                return false;
            }

            _state = state;
            return true;
        }
    }

    /// <summary>Goes on by the bytes of a text; <see langword="false"/> if it may not follow.</summary>
    public bool TryAccept(ReadOnlySpan<byte> text)
    {
        lock (_automaton)
        {
            GrammarState? state = _state;
            foreach (byte value in text)
            {
                _automaton.StartStep();
                state = _automaton.Next(state, value);
                if (state is null)
                {
                    return false;
                }
            }

            _state = state;
            return true;
        }
    }

    /// <summary>Finds the text that has to follow, up to the first choice.</summary>
    /// <param name="text">Room for it, as far as it goes.</param>
    /// <param name="isWhole">Whether what follows it, if anything does, cannot be part of the same token.</param>
    /// <returns>How many bytes it has.</returns>
    public int FindForcedText(Span<byte> text, out bool isWhole)
    {
        lock (_automaton)
        {
            _automaton.StartStep();
            GrammarState state = _state;
            int length = 0;
            while (length < text.Length && _automaton.OnlyByte(state) is { } value)
            {
                text[length++] = value;
                state = _automaton.Next(state, value)!;
            }

            isWhole = _automaton.EndsText(state);
            return length;
        }
    }

    /// <summary>
    /// The token that has to follow and is one by its id; <see langword="null"/> where there is none.
    /// </summary>
    public int? FindForcedToken()
    {
        lock (_automaton)
        {
            _automaton.StartStep();
            return _automaton.OnlyToken(_state);
        }
    }

    /// <summary>Gets the token mask: one bit for each token that may follow. It must not be changed.</summary>
    public ulong[] GetTokenMask()
    {
        lock (_automaton)
        {
            _automaton.StartStep();
            return _automaton.GetTokenMask(_state, _table);
        }
    }
}
