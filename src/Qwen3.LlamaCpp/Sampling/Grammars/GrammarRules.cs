namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>A grammar as an automaton reads it: over bytes and tokens.</summary>
/// <param name="symbols">All alternatives of all rules, each closed by a <see cref="SymbolKind.End"/>.</param>
/// <param name="alternatives">Where each rule's alternatives begin.</param>
/// <param name="sets">The sets that <see cref="SymbolKind.Bytes"/> stands for.</param>
/// <param name="root">The start rule.</param>
/// <param name="isFitForLlama">Whether llama.cpp's own engine can be given the grammar.</param>
internal sealed class GrammarRules(Symbol[] symbols, int[][] alternatives, ByteSet[] sets, int root, bool isFitForLlama)
{
    public bool IsFitForLlama => isFitForLlama;

    public int Root => root;

    public IReadOnlyList<ByteSet> Sets => sets;

    public Symbol this[int position] => symbols[position];

    public ReadOnlySpan<int> Alternatives(int rule) => alternatives[rule];
}
