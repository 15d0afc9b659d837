namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Places in a grammar that a text can be at, or go on at. Equal ones are the same object.</summary>
/// <param name="id">A number in the order of making.</param>
/// <param name="stacks">The places, each position once, in the order of their numbers.</param>
/// <param name="hasEnd">Whether the end of the text is among them.</param>
internal sealed class StackSet(int id, GrammarStack[] stacks, bool hasEnd)
{
    /// <summary>No place at all.</summary>
    public static readonly StackSet Empty = new(-1, [], hasEnd: false);

    public int Id => id;

    public GrammarStack[] Stacks => stacks;

    public bool HasEnd => hasEnd;
}
