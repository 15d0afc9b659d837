namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Enters rules until each position is at bytes, at a token or at the end (the closure of a parser state). A position
/// is there once, whatever led to it, so that a state has no more entries than the grammar has positions, however
/// ambiguous the grammar is.
/// </summary>
internal sealed class StackSetBuilder(GrammarRules rules, StackStore store, UnorderedStates unordered, StepWork work)
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
            if (!unordered.Has(position) && rules[position].Kind != SymbolKind.Rule)
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
        if (unordered.Has(position))
        {
            EnterUnordered(position, to);
            return;
        }

        Symbol symbol = rules[position];
        if (symbol.Kind == SymbolKind.Unordered)
        {
            Enqueue((unordered.Start(position).Id, to));
            return;
        }

        if (symbol.Kind == SymbolKind.End)
        {
            GoOn(to);
            return;
        }

        bool isNew = !_places.TryGetValue(position, out Place? place);
        if (place is null)
        {
            _places[position] = place = new(position, to);
        }
        else if (!place.Add(to))
        {
            return;
        }

        if (symbol.Kind != SymbolKind.Rule)
        {
            return;
        }

        bool isLast = rules[position + 1].Kind == SymbolKind.End;
        if (isLast || isNew)
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

    /// <summary>Enters the place before a member, or the way through one.</summary>
    private void EnterUnordered(int position, Return to)
    {
        if (!_places.TryGetValue(position, out Place? place))
        {
            _places[position] = place = new(position, to);
        }
        else if (!place.Add(to))
        {
            return;
        }

        UnorderedState state = unordered[position];
        int part = position - state.Id;
        if (part is UnorderedStates.Separator or >= UnorderedStates.FirstMember)
        {
            // The way back from it is the same for all that the place returns to.
            int rule = part == UnorderedStates.Separator ? state.Rule.Separator : state.Rule.Members[part - UnorderedStates.FirstMember];
            foreach (int alternative in place.Others is null ? rules.Alternatives(rule) : [])
            {
                Enqueue((alternative, new(null, place)));
            }

            return;
        }

        if (part == 0 && state.IsComplete)
        {
            Enqueue((state.Position + 1, to));
        }

        if (part == 0 && state.NeedsSeparator)
        {
            if (state.HasNext)
            {
                Enqueue((state.Id + UnorderedStates.Separator, to));
            }

            return;
        }

        for (int member = 0; member < state.Rule.Members.Length; member++)
        {
            if (state.Allows(member))
            {
                Enqueue((state.Id + UnorderedStates.FirstMember + member, to));
            }
        }
    }

    private void GoOn(Return to)
    {
        if (to.Stack is { } stack)
        {
            Open(stack.Unordered is { } state ? unordered.After(state, stack.Position) : stack.Position, stack.Below);
        }
        else if (to.Place is { } place)
        {
            // The rule there can be empty: what is behind it is open too, for all that the place returns to, now and
            // later.
            if (!place.IsPassed)
            {
                place.IsPassed = true;
                Enqueue((place.Position + 1, place.First));
                foreach (Return next in place.Others ?? [])
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

    /// <summary>
    /// All that a place returns to. Rules do not begin with themselves, so that this comes to an end.
    /// </summary>
    private StackSet Freeze(Place place)
    {
        if (place.Frozen is null)
        {
            var stacks = new List<GrammarStack>(1);
            Freeze(place.First, stacks);
            foreach (Return to in place.Others ?? [])
            {
                Freeze(to, stacks);
            }

            place.Frozen = store.Set(stacks, hasEnd: place.First == default || place.Others?.Contains(default) == true);
        }

        return place.Frozen;
    }

    private void Freeze(Return to, List<GrammarStack> stacks)
    {
        if (to.Stack is { } stack)
        {
            stacks.Add(stack);
        }
        else if (to.Place is { } place)
        {
            // As deep as rules are entered one within the other.
            StepWork.Descend();
            stacks.Add(unordered.Has(place.Position)
                ? store.Stack(place.Position, Freeze(place), unordered[place.Position])
                : store.Stack(place.Position + 1, Freeze(place)));
        }
    }

    /// <summary>
    /// Where to go on after a rule: at a place from before, after one that is being entered now, or, with neither, at
    /// the end.
    /// </summary>
    private readonly record struct Return(GrammarStack? Stack, Place? Place);

    private sealed class Place(int position, Return first)
    {
        public int Position => position;

        /// <summary>What it returns to: mostly to one place, and to others.</summary>
        public Return First => first;

        public HashSet<Return>? Others { get; private set; }

        /// <summary>Whether the rule at this place was found to be empty.</summary>
        public bool IsPassed { get; set; }

        public StackSet? Frozen { get; set; }

        public bool Add(Return to) => to != first && (Others ??= []).Add(to);
    }
}
