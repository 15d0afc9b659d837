namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// A node of the graph-structured stack (GSS): a position in a rule, and below it all nodes to go on at after the rule.
/// Equal nodes are the same object.
/// </summary>
/// <param name="id">A number in the order of creation.</param>
/// <param name="position">The symbol's index.</param>
/// <param name="below">Where to go on.</param>
/// <param name="unordered">
/// What the position belongs to if it is that of a member of an unordered rule, after which the rule goes on.
/// </param>
internal sealed class GrammarStack(int id, int position, StackSet below, UnorderedState? unordered)
{
    public int Id => id;

    public int Position => position;

    public StackSet Below => below;

    public UnorderedState? Unordered => unordered;
}

/// <summary>A set of nodes of the graph-structured stack (GSS). Equal sets are the same object.</summary>
/// <param name="id">A number in the order of creation.</param>
/// <param name="stacks">The nodes, each position once, in the order of their numbers.</param>
/// <param name="hasEnd">Whether the end of the text is among them.</param>
internal sealed class StackSet(int id, GrammarStack[] stacks, bool hasEnd)
{
    /// <summary>The empty set.</summary>
    public static readonly StackSet Empty = new(-1, [], hasEnd: false);

    public int Id => id;

    public GrammarStack[] Stacks => stacks;

    public bool HasEnd => hasEnd;
}
