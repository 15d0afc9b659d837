namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// A position in an <see cref="UnorderedRule"/>: before a member, with the members that were written so far.
/// </summary>
/// <param name="Id">
/// The number of the position. The next numbers stand for being inside the separator, behind the separator, and inside
/// each of the members.
/// </param>
/// <param name="Position">The symbol's position.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Seen">The members that were written.</param>
/// <param name="HasMember">Whether any was written, of the others too.</param>
internal sealed record UnorderedState(int Id, int Position, UnorderedRule Rule, MemberSet Seen, bool HasMember)
{
    /// <summary>Whether it may end here.</summary>
    public bool IsComplete => HasMember && Seen.Contains(Rule.Required);

    /// <summary>Whether a separator comes before the next member.</summary>
    public bool NeedsSeparator => HasMember || Rule.StartsWithSeparator;

    /// <summary>Whether another member can come.</summary>
    public bool HasNext => Rule.HasOthers || Seen.Count < Rule.Members.Length;

    /// <summary>Whether a member can come next.</summary>
    public bool Allows(int member) => (Rule.HasOthers && member == Rule.Members.Length - 1) || !Seen.Contains(member);
}

/// <summary>
/// Creates the positions in unordered rules when a text reaches them. Which members are left is part of the parser
/// state, so that the rules of a grammar do not grow with the number of orders, and only the orders that texts take
/// cost anything.
/// </summary>
/// <remarks>
/// They are numbered behind the positions of the grammar's symbols, one block of numbers for each. Numbers are not
/// reused: parser states that outlive <see cref="Clear"/> hold the <see cref="UnorderedState"/> that they are in.
/// </remarks>
internal sealed class UnorderedStates(GrammarRules rules)
{
    /// <summary>The offsets in a block of being inside the separator, behind it, and inside the first member.</summary>
    public const int Separator = 1, AfterSeparator = 2, FirstMember = 3;

    private readonly Dictionary<(int Position, MemberSet Seen, bool HasMember), UnorderedState> _known = [];
    private readonly Dictionary<int, UnorderedState> _byBlock = [];
    private readonly int _blockSize = FirstMember + rules.Unordered.Select(rule => rule.Members.Length).DefaultIfEmpty().Max();
    private int _blocks;

    /// <summary>How many are kept.</summary>
    public int Count => _known.Count;

    /// <summary>Whether a position is one of these, and not that of a symbol.</summary>
    public bool Has(int position) => position >= rules.Count;

    /// <summary>The position before the first member.</summary>
    public UnorderedState Start(int position)
    {
        UnorderedRule rule = rules.Unordered[rules[position].Value];
        return Get(position, rule, MemberSet.Empty(rule.Members.Length), hasMember: false);
    }

    /// <summary>The block that a position belongs to.</summary>
    public UnorderedState this[int position] => _byBlock[(position - rules.Count) / _blockSize];

    /// <summary>The position after a separator or a member.</summary>
    public int After(UnorderedState state, int position)
    {
        if (position == state.Id + Separator)
        {
            // It may have been forgotten since.
            return Get(state.Position, state.Rule, state.Seen, state.HasMember).Id + AfterSeparator;
        }

        int member = position - state.Id - FirstMember;
        bool isOther = state.Rule.HasOthers && member == state.Rule.Members.Length - 1;
        return Get(state.Position, state.Rule, isOther ? state.Seen : state.Seen.With(member), hasMember: true).Id;
    }

    /// <summary>Forgets all that is kept.</summary>
    public void Clear()
    {
        _known.Clear();
        _byBlock.Clear();
    }

    /// <exception cref="GrammarComplexityException">The numbers are used up.</exception>
    private UnorderedState Get(int position, UnorderedRule rule, MemberSet seen, bool hasMember)
    {
        if (!_known.TryGetValue((position, seen, hasMember), out UnorderedState? state))
        {
            if (_blocks >= (int.MaxValue - rules.Count) / _blockSize - 1)
            {
                throw new GrammarComplexityException();
            }

            state = new(rules.Count + (_blocks * _blockSize), position, rule, seen, hasMember);
            _byBlock[_blocks++] = state;
            _known[(position, seen, hasMember)] = state;
        }

        return state;
    }
}
