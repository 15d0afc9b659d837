namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Where a text is in a grammar: at a symbol, and below it where to go on after the rule that it is in. Equal ones are the same object.</summary>
/// <param name="id">A number in the order of making.</param>
/// <param name="position">The symbol's index.</param>
/// <param name="below">Where to go on; <see langword="null"/> if the grammar ends there.</param>
internal sealed class GrammarStack(int id, int position, GrammarStack? below)
{
    public int Id => id;

    public int Position => position;

    public GrammarStack? Below => below;
}
