namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Parses a text by a grammar. The transitions of a parser state are computed when they are first needed and kept, so
/// that a text like earlier ones costs one table lookup for each byte. The parser's stacks are kept in one graph (GSS).
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class GrammarAutomaton
{
    // What is kept: about a hundred bytes a stack node, a few hundred a state, and 19 KB a token mask.
    private const int MaxStates = 10_000, MaxPlaces = 100_000, MaxMasks = 64;

    // To look at a place or a token takes so much less than to go to a place.
    private const int LooksInAPlace = 32;

    private readonly GrammarRules _rules;
    private readonly byte[] _classes = new byte[256];
    private readonly byte[] _representatives;
    private readonly StepWork _work = new();
    private readonly StackStore _store;
    private readonly UnorderedStates _unordered;
    private readonly Dictionary<StackSet, GrammarState> _states = [];
    private readonly List<GrammarState> _withMask = [];
    private GrammarState? _start;
    private int _maskBytes;

    public GrammarAutomaton(GrammarRules rules)
    {
        _rules = rules;
        _store = new(_work);
        _unordered = new(rules);
        _representatives = [.. FindClasses()];
    }

    /// <summary>Gets about how much memory the states take that are kept at the moment.</summary>
    public long EstimatedBytes =>
        (_states.Count * (200L + (8 * _representatives.Length))) + (100L * (_store.Count + _unordered.Count)) + (_withMask.Count * (long)_maskBytes);

    public GrammarState Start => _start ??= CreateStart();

    /// <summary>Begins a step. Until the next one no more work is done than other requests can wait for.</summary>
    public void StartStep() => _work.Start();

    /// <summary>Where a byte leads; <see langword="null"/> is nowhere.</summary>
    public GrammarState? Next(GrammarState state, byte value)
    {
        int byteClass = _classes[value];
        GrammarState? next = state.NextByClass[byteClass];
        return next == GrammarState.Unknown ? FindNextByClass(state, byteClass) : next;
    }

    /// <summary>
    /// Where a token leads that is one by its id, whatever it spells; <see langword="null"/> is nowhere.
    /// </summary>
    public GrammarState? NextToken(GrammarState state, int token)
    {
        if (!state.ExpectsTokens)
        {
            return null;
        }

        // Tokens that no place names lead to the same state.
        const int AnyOther = -1;
        int key = AnyOther;
        _work.Spend(state.Places.Stacks.Length / LooksInAPlace);
        foreach (GrammarStack stack in state.Places.Stacks)
        {
            if (_rules[stack.Position] is { Kind: not SymbolKind.Bytes } symbol && symbol.Value == token)
            {
                key = token;
            }
        }

        return state.NextByToken!.TryGetValue(key, out GrammarState? next) ? next : FindNextByToken(state, key);
    }

    /// <summary>The union of two states.</summary>
    public GrammarState? Join(GrammarState? left, GrammarState? right)
    {
        if (left is null || right is null || left == right)
        {
            return left ?? right;
        }

        StackSetBuilder builder = CreateBuilder();
        foreach (StackSet set in (ReadOnlySpan<StackSet>)[left.Places, right.Places])
        {
            foreach (GrammarStack stack in set.Stacks)
            {
                builder.Add(stack.Position, stack.Below);
            }

            builder.AddEnd(set.HasEnd);
        }

        return ToState(builder);
    }

    /// <summary>The byte that has to follow a state; <see langword="null"/> where there is a choice.</summary>
    public byte? OnlyByte(GrammarState state)
    {
        if (state.IsComplete || state.IsFinal || state.ExpectsTokens)
        {
            return null;
        }

        var bytes = default(ByteSet);
        _work.Spend(state.Places.Stacks.Length / LooksInAPlace);
        foreach (GrammarStack stack in state.Places.Stacks)
        {
            bytes |= _rules.Sets[_rules[stack.Position].Value];
        }

        return bytes.Only;
    }

    /// <summary>
    /// The token that has to follow a state, by its id; <see langword="null"/> where there is a choice.
    /// </summary>
    public int? OnlyToken(GrammarState state)
    {
        int? only = null;
        foreach (GrammarStack stack in state.IsComplete || !EndsText(state) ? [] : state.Places.Stacks)
        {
            int token = _rules[stack.Position].Value;
            if (only is not null && only != token)
            {
                return null;
            }

            only = token;
        }

        return only;
    }

    /// <summary>Whether nothing but the end or special tokens can follow a state.</summary>
    public bool EndsText(GrammarState state) => Array.TrueForAll(state.Places.Stacks, stack => _rules[stack.Position].Kind == SymbolKind.Token);

    /// <summary>Gets the token mask of a state: one bit for each token that can follow.</summary>
    public ulong[] GetTokenMask(GrammarState state, TokenTrie table)
    {
        if (state.TokenMask is null)
        {
            if (_withMask.Count == MaxMasks)
            {
                _withMask.ForEach(old => old.TokenMask = null);
                _withMask.Clear();
            }

            _withMask.Add(state);
            state.TokenMask = table.ComputeMask(this, state);
            _maskBytes = sizeof(ulong) * state.TokenMask.Length;
            AddNamedTokens(state, state.TokenMask, table);
        }

        return state.TokenMask;
    }

    private void AddNamedTokens(GrammarState state, ulong[] allowed, TokenTrie table)
    {
        foreach (GrammarStack stack in state.Places.Stacks)
        {
            Symbol symbol = _rules[stack.Position];
            if (symbol.Kind == SymbolKind.Token && symbol.Value < table.VocabularySize)
            {
                allowed[symbol.Value >> 6] |= 1UL << symbol.Value;
            }
            else if (symbol.Kind == SymbolKind.OtherToken)
            {
                _work.Spend(table.VocabularySize / LooksInAPlace);
                for (int token = 0; token < table.VocabularySize; token++)
                {
                    allowed[token >> 6] |= token == symbol.Value ? 0 : 1UL << token;
                }
            }
        }
    }

    private GrammarState CreateStart()
    {
        StackSetBuilder builder = CreateBuilder();
        StackSet end = _store.Set([], hasEnd: true);
        foreach (int alternative in _rules.Alternatives(_rules.Root))
        {
            builder.Add(alternative, end);
        }

        // A rule of which nothing is an instance has no place at all.
        return ToState(builder) ?? new(StackSet.Empty, expectsTokens: false, _representatives.Length);
    }

    private GrammarState? FindNextByClass(GrammarState state, int byteClass)
    {
        byte value = _representatives[byteClass];
        return state.NextByClass[byteClass] = FindNext(state, symbol => symbol.Kind == SymbolKind.Bytes && _rules.Sets[symbol.Value].Contains(value));
    }

    private GrammarState? FindNextByToken(GrammarState state, int token) => state.NextByToken![token] = FindNext(
        state,
        symbol => (symbol.Kind == SymbolKind.Token && symbol.Value == token) || (symbol.Kind == SymbolKind.OtherToken && symbol.Value != token));

    private GrammarState? FindNext(GrammarState state, Predicate<Symbol> isTaken)
    {
        StackSetBuilder builder = CreateBuilder();
        _work.Spend(state.Places.Stacks.Length / LooksInAPlace);
        foreach (GrammarStack stack in state.Places.Stacks)
        {
            if (isTaken(_rules[stack.Position]))
            {
                builder.Add(stack.Position + 1, stack.Below);
            }
        }

        return ToState(builder);
    }

    private StackSetBuilder CreateBuilder()
    {
        if (_states.Count >= MaxStates || _store.Count + _unordered.Count >= MaxPlaces)
        {
            // Those that texts are in live on with them.
            _states.Clear();
            _store.Clear();
            _unordered.Clear();
            _withMask.Clear();
            _start = null;
        }

        return new(_rules, _store, _unordered, _work);
    }

    private GrammarState? ToState(StackSetBuilder builder)
    {
        if (builder.Build() is not { } places)
        {
            return null;
        }

        if (!_states.TryGetValue(places, out GrammarState? state))
        {
            bool expectsTokens = Array.Exists(places.Stacks, stack => _rules[stack.Position].Kind != SymbolKind.Bytes);
            _states[places] = state = new(places, expectsTokens, _representatives.Length);
        }

        return state;
    }

    /// <summary>Puts bytes that no set tells apart into one class, and returns one byte of each.</summary>
    private List<byte> FindClasses()
    {
        // Each set splits the classes in two, of which the second gets the next number.
        int count = 1;
        var split = new Dictionary<(byte Class, bool IsIn), byte>();
        foreach (ByteSet set in _rules.Sets)
        {
            if (count == _classes.Length)
            {
                break;
            }

            split.Clear();
            for (int value = 0; value < _classes.Length; value++)
            {
                (byte, bool) part = (_classes[value], set.Contains(value));
                if (!split.TryGetValue(part, out byte byteClass))
                {
                    byteClass = split.ContainsKey((_classes[value], !part.Item2)) ? (byte)count++ : _classes[value];
                    split[part] = byteClass;
                }

                _classes[value] = byteClass;
            }
        }

        var representatives = new byte[count];
        for (int value = 255; value >= 0; value--)
        {
            representatives[_classes[value]] = (byte)value;
        }

        return [.. representatives];
    }
}
