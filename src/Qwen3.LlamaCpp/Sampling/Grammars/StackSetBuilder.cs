namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Enters rules until each place is at bytes, at a token or at the end. Places at one position are one, whatever led there, so that there
/// are never more of them than positions, however ambiguous the grammar is.
/// </summary>
internal sealed class StackSetBuilder(GrammarRules rules, StackStore store, StepWork work)
{
    private readonly Dictionary<int, Place> _places = [];
    private readonly Queue<(int Position, Return To)> _open = new();
    private bool _hasEnd;

    /// <summary>Adds a place.</summary>
    /// <param name="position">The symbol that the text is at, or the end of a rule.</param>
    /// <param name="below">Where to go on after the rule.</param>
    public void Add(int position, StackSet below)
    {
        Open(position, below);
        while (_open.TryDequeue(out (int Position, Return To) next))
        {
            Enter(next.Position, next.To);
        }
    }

    /// <summary>Adds the end of the text, if it is one of the places.</summary>
    public void AddEnd(bool hasEnd) => _hasEnd |= hasEnd;

    /// <summary>All places that there are, or <see langword="null"/> if there are none.</summary>
    public StackSet? Build()
    {
        var terminals = new List<GrammarStack>();
        foreach ((int position, Place place) in _places)
        {
            if (rules[position].Kind != SymbolKind.Rule)
            {
                terminals.Add(store.Stack(position, Freeze(place)));
            }
        }

        return terminals.Count == 0 && !_hasEnd ? null : store.Set(terminals, _hasEnd);
    }

    private void Open(int position, StackSet below)
    {
        foreach (GrammarStack stack in below.Stacks)
        {
            Enqueue((position, new(stack, null)));
        }

        if (below.HasEnd)
        {
            Enqueue((position, default));
        }
    }

    private void Enqueue((int Position, Return To) place)
    {
        work.Spend(1);
        _open.Enqueue(place);
    }

    private void Enter(int position, Return to)
    {
        Symbol symbol = rules[position];
        if (symbol.Kind == SymbolKind.End)
        {
            GoOn(to);
            return;
        }

        if (!_places.TryGetValue(position, out Place? place))
        {
            _places[position] = place = new(position);
        }

        if (!place.Returns.Add(to) || symbol.Kind != SymbolKind.Rule)
        {
            return;
        }

        bool isLast = rules[position + 1].Kind == SymbolKind.End;
        if (isLast || place.Returns.Count == 1)
        {
            // After the last symbol of a rule there is nothing to come back to but what the rule itself returns to.
            foreach (int alternative in rules.Alternatives(symbol.Value))
            {
                Enqueue((alternative, isLast ? to : new(null, place)));
            }
        }

        if (place.IsPassed)
        {
            Enqueue((position + 1, to));
        }
    }

    private void GoOn(Return to)
    {
        if (to.Stack is { } stack)
        {
            Open(stack.Position, stack.Below);
        }
        else if (to.Place is { } place)
        {
            // The rule there can be empty: what is behind it is open too, for all that the place returns to, now and later.
            if (!place.IsPassed)
            {
                place.IsPassed = true;
                foreach (Return next in place.Returns)
                {
                    Enqueue((place.Position + 1, next));
                }
            }
        }
        else
        {
            _hasEnd = true;
        }
    }

    /// <summary>All that a place returns to. Rules do not begin with themselves, so that this comes to an end.</summary>
    private StackSet Freeze(Place place) => place.Frozen ??= store.Set(
        place.Returns
            .Where(to => to.Stack is not null || to.Place is not null)
            .Select(to => to.Stack ?? store.Stack(to.Place!.Position + 1, Freeze(to.Place))),
        place.Returns.Contains(default));

    /// <summary>Where to go on after a rule: at a place from before, after one that is being entered now, or, with neither, at the end.</summary>
    private readonly record struct Return(GrammarStack? Stack, Place? Place);

    private sealed class Place(int position)
    {
        public int Position => position;

        public HashSet<Return> Returns { get; } = [];

        /// <summary>Whether the rule at this place was found to be empty.</summary>
        public bool IsPassed { get; set; }

        public StackSet? Frozen { get; set; }
    }
}
