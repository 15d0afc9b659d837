namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Creates the nodes of the graph-structured stack (GSS) and sets of them, equal ones once.</summary>
internal sealed class StackStore(StepWork work)
{
    // The size of a node, in references.
    private const int ReferencesPerNode = 12;

    private readonly Dictionary<(int Position, StackSet Below), GrammarStack> _stacks = [];
    private readonly Dictionary<(GrammarStack[] Stacks, bool HasEnd), StackSet> _sets = new(new SetComparer());
    private readonly Dictionary<(int, int), StackSet> _unions = [];
    private int _nextId;
    private int _inSets;

    /// <summary>How much is kept.</summary>
    public int Count => _stacks.Count + _sets.Count + _unions.Count + (_inSets / ReferencesPerNode);

    /// <summary>
    /// Forgets all. Nodes in use stay valid, but are no longer the same objects as equal nodes that are created later.
    /// </summary>
    public void Clear()
    {
        _stacks.Clear();
        _sets.Clear();
        _unions.Clear();
        _inSets = 0;
    }

    public GrammarStack Stack(int position, StackSet below, UnorderedState? unordered = null)
    {
        if (!_stacks.TryGetValue((position, below), out GrammarStack? stack))
        {
            _stacks[(position, below)] = stack = new(_nextId++, position, below, unordered);
        }

        return stack;
    }

    /// <summary>Creates a set of nodes, in which those at one position are merged into one.</summary>
    public StackSet Set(List<GrammarStack> stacks, bool hasEnd)
    {
        work.Spend(stacks.Count);
        GrammarStack[] sorted = stacks.Count < 2 ? [.. stacks] : [.. Merge(stacks)];
        Array.Sort(sorted, static (left, right) => left.Id.CompareTo(right.Id));
        if (!_sets.TryGetValue((sorted, hasEnd), out StackSet? set))
        {
            _sets[(sorted, hasEnd)] = set = new(_nextId++, sorted, hasEnd);
            _inSets += sorted.Length;
        }

        return set;
    }

    private Dictionary<int, GrammarStack>.ValueCollection Merge(List<GrammarStack> stacks)
    {
        var byPosition = new Dictionary<int, GrammarStack>(stacks.Count);
        foreach (GrammarStack stack in stacks)
        {
            byPosition[stack.Position] = byPosition.TryGetValue(stack.Position, out GrammarStack? other) && other != stack
                ? Stack(stack.Position, Union(other.Below, stack.Below), stack.Unordered)
                : stack;
        }

        return byPosition.Values;
    }

    private StackSet Union(StackSet left, StackSet right)
    {
        if (left == right)
        {
            return left;
        }

        (int, int) key = (Math.Min(left.Id, right.Id), Math.Max(left.Id, right.Id));
        if (!_unions.TryGetValue(key, out StackSet? union))
        {
            // As deep as the text is nested, and only where it can be read in several ways.
            StepWork.Descend();
            _unions[key] = union = Set([.. left.Stacks, .. right.Stacks], left.HasEnd || right.HasEnd);
        }

        return union;
    }

    private sealed class SetComparer : IEqualityComparer<(GrammarStack[] Stacks, bool HasEnd)>
    {
        public bool Equals((GrammarStack[] Stacks, bool HasEnd) x, (GrammarStack[] Stacks, bool HasEnd) y) =>
            x.HasEnd == y.HasEnd && x.Stacks.AsSpan().SequenceEqual(y.Stacks);

        public int GetHashCode((GrammarStack[] Stacks, bool HasEnd) set)
        {
            var hash = new HashCode();
            hash.Add(set.HasEnd);
            foreach (GrammarStack stack in set.Stacks)
            {
                hash.Add(stack.Id);
            }

            return hash.ToHashCode();
        }
    }
}
