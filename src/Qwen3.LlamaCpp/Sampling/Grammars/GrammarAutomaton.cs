namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Follows a text through a grammar. What a state leads to is worked out when it is first wanted and kept, so that a text like those
/// before costs a look into a table for each byte.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class GrammarAutomaton
{
    // What is kept of states: a few hundred bytes each, and 19 KB for each set of tokens.
    private const int MaxStates = 20_000, MaxAllowedSets = 64;

    private readonly GrammarRules _rules;
    private readonly byte[] _classes = new byte[256];
    private readonly byte[] _representatives;
    private readonly Dictionary<(int Position, GrammarStack? Below), GrammarStack> _stacks = [];
    private readonly Dictionary<GrammarStack[], GrammarState> _states = new(new StackComparer());
    private readonly List<GrammarState> _withAllowedTokens = [];
    private GrammarState? _start;
    private int _nextId;

    public GrammarAutomaton(GrammarRules rules)
    {
        _rules = rules;
        _representatives = [.. FindClasses()];
    }

    public GrammarState Start => _start ??= CreateStart();

    /// <summary>Where a byte leads; <see langword="null"/> is nowhere.</summary>
    public GrammarState? Next(GrammarState state, byte value)
    {
        int byteClass = _classes[value];
        GrammarState? next = state.NextByClass[byteClass];
        return next == GrammarState.Unknown ? FindNextByClass(state, byteClass) : next;
    }

    /// <summary>Where a token leads that is one by its id, whatever it spells; <see langword="null"/> is nowhere.</summary>
    public GrammarState? NextToken(GrammarState state, int token)
    {
        if (!state.ExpectsTokens)
        {
            return null;
        }

        // Tokens that no place names lead to the same state.
        const int AnyOther = -1;
        int key = AnyOther;
        foreach (GrammarStack stack in state.Stacks)
        {
            if (_rules[stack.Position] is { Kind: not SymbolKind.Bytes } symbol && symbol.Value == token)
            {
                key = token;
            }
        }

        return state.NextByToken!.TryGetValue(key, out GrammarState? next) ? next : FindNextByToken(state, key);
    }

    public GrammarState? Join(GrammarState? left, GrammarState? right) =>
        left is null || left == right ? right : right is null ? left : Intern([.. left.Stacks, .. right.Stacks], left.IsComplete || right.IsComplete);

    /// <summary>The tokens that can follow a state, a bit for each.</summary>
    public ulong[] AllowedTokens(GrammarState state, TokenTable table)
    {
        if (state.AllowedTokens is null)
        {
            if (_withAllowedTokens.Count == MaxAllowedSets)
            {
                _withAllowedTokens.ForEach(old => old.AllowedTokens = null);
                _withAllowedTokens.Clear();
            }

            _withAllowedTokens.Add(state);
            state.AllowedTokens = table.FindAllowed(this, state);
            AddExpectedTokens(state, state.AllowedTokens, table);
        }

        return state.AllowedTokens;
    }

    private void AddExpectedTokens(GrammarState state, ulong[] allowed, TokenTable table)
    {
        foreach (GrammarStack stack in state.Stacks)
        {
            Symbol symbol = _rules[stack.Position];
            if (symbol.Kind == SymbolKind.Token && symbol.Value < table.VocabularySize)
            {
                allowed[symbol.Value >> 6] |= 1UL << symbol.Value;
            }
            else if (symbol.Kind == SymbolKind.OtherToken)
            {
                for (int token = 0; token < table.VocabularySize; token++)
                {
                    allowed[token >> 6] |= token == symbol.Value ? 0 : 1UL << token;
                }
            }
        }
    }

    private GrammarState CreateStart()
    {
        var found = new Closure(this);
        foreach (int alternative in _rules.Alternatives(_rules.Root))
        {
            found.Add(alternative, below: null);
        }

        return found.ToState()!;
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
        var found = new Closure(this);
        foreach (GrammarStack stack in state.Stacks)
        {
            if (isTaken(_rules[stack.Position]))
            {
                found.Add(stack.Position + 1, stack.Below);
            }
        }

        return found.ToState();
    }

    private GrammarState Intern(IEnumerable<GrammarStack> stacks, bool isComplete)
    {
        // The end is a place too; as the null that it is, it has no number.
        GrammarStack[] places = [.. stacks.DistinctBy(stack => stack.Id).OrderBy(stack => stack.Id)];
        GrammarStack[] key = isComplete ? [.. places, StackComparer.End] : places;
        if (!_states.TryGetValue(key, out GrammarState? state))
        {
            if (_states.Count >= MaxStates)
            {
                // Those that texts are in live on with them.
                _states.Clear();
                _stacks.Clear();
                _start = null;
            }

            bool expectsTokens = Array.Exists(places, stack => _rules[stack.Position].Kind != SymbolKind.Bytes);
            _states[key] = state = new(places, isComplete, expectsTokens, _representatives.Length);
        }

        return state;
    }

    private GrammarStack Intern(int position, GrammarStack? below)
    {
        if (!_stacks.TryGetValue((position, below), out GrammarStack? stack))
        {
            _stacks[(position, below)] = stack = new(_nextId++, position, below);
        }

        return stack;
    }

    /// <summary>Puts bytes that no set tells apart into one class, and returns one byte of each.</summary>
    private List<byte> FindClasses()
    {
        var representatives = new List<byte>();
        var classes = new Dictionary<string, byte>();
        for (int value = 0; value < 256; value++)
        {
            string membership = string.Concat(_rules.Sets.Select(set => set.Contains(value) ? '1' : '0'));
            if (!classes.TryGetValue(membership, out byte byteClass))
            {
                classes[membership] = byteClass = (byte)representatives.Count;
                representatives.Add((byte)value);
            }

            _classes[value] = byteClass;
        }

        return representatives;
    }

    /// <summary>Enters rules until each place is at bytes, at a token or at the end.</summary>
    private sealed class Closure(GrammarAutomaton automaton)
    {
        private readonly List<GrammarStack> _places = [];
        private readonly HashSet<GrammarStack> _seen = [];
        private readonly Stack<GrammarStack> _open = new();
        private bool _isComplete;

        public void Add(int position, GrammarStack? below)
        {
            Open(position, below);
            while (_open.TryPop(out GrammarStack? stack))
            {
                Symbol symbol = automaton._rules[stack.Position];
                if (symbol.Kind != SymbolKind.Rule)
                {
                    _places.Add(stack);
                    continue;
                }

                // After the last symbol of a rule there is nothing to come back to.
                GrammarStack? after = automaton._rules[stack.Position + 1].Kind == SymbolKind.End ? stack.Below : automaton.Intern(stack.Position + 1, stack.Below);
                foreach (int alternative in automaton._rules.Alternatives(symbol.Value))
                {
                    Open(alternative, after);
                }
            }
        }

        public GrammarState? ToState() => _places.Count == 0 && !_isComplete ? null : automaton.Intern(_places, _isComplete);

        private void Open(int position, GrammarStack? below)
        {
            if (automaton._rules[position].Kind != SymbolKind.End)
            {
                below = automaton.Intern(position, below);
            }

            if (below is null)
            {
                _isComplete = true;
            }
            else if (_seen.Add(below))
            {
                _open.Push(below);
            }
        }
    }

    private sealed class StackComparer : IEqualityComparer<GrammarStack[]>
    {
        public static GrammarStack End { get; } = new(-1, -1, null);

        public bool Equals(GrammarStack[]? x, GrammarStack[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(GrammarStack[] stacks)
        {
            var hash = new HashCode();
            foreach (GrammarStack stack in stacks)
            {
                hash.Add(stack.Id);
            }

            return hash.ToHashCode();
        }
    }
}
