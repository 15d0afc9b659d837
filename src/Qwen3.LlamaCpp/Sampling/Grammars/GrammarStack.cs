namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Where a text can be in a grammar: at a symbol, and below it all the places to go on at after the rule that it is in. Equal ones are the same object.</summary>
/// <param name="id">A number in the order of making.</param>
/// <param name="position">The symbol's index.</param>
/// <param name="below">Where to go on.</param>
/// <param name="unordered">What the position belongs to if it is that of a member of an unordered rule, after which the rule goes on.</param>
internal sealed class GrammarStack(int id, int position, StackSet below, UnorderedState? unordered)
{
    public int Id => id;

    public int Position => position;

    public StackSet Below => below;

    public UnorderedState? Unordered => unordered;
}
