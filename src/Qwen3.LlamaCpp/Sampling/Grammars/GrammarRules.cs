namespace Qwen3.LlamaCpp.Sampling.Grammars;

internal readonly record struct Symbol(SymbolKind Kind, int Value = 0);

internal enum SymbolKind
{
    /// <summary>The end of one of a rule's alternatives.</summary>
    End,

    /// <summary>A rule, by its index.</summary>
    Rule,

    /// <summary>One byte of a set, by the set's index.</summary>
    Bytes,

    /// <summary>A token, by its id.</summary>
    Token,

    /// <summary>Any token but one, by the id of that.</summary>
    OtherToken,

    /// <summary>Members in any order, by the index of the <see cref="UnorderedRule"/>.</summary>
    Unordered,
}

/// <summary>A grammar as an automaton reads it: over bytes and tokens.</summary>
/// <param name="symbols">All alternatives of all rules, each closed by a <see cref="SymbolKind.End"/>.</param>
/// <param name="alternatives">Where each rule's alternatives begin.</param>
/// <param name="sets">The sets that <see cref="SymbolKind.Bytes"/> stands for.</param>
/// <param name="unordered">What <see cref="SymbolKind.Unordered"/> stands for.</param>
/// <param name="root">The start rule.</param>
internal sealed class GrammarRules(Symbol[] symbols, int[][] alternatives, ByteSet[] sets, UnorderedRule[] unordered, int root)
{
    /// <summary>About how much memory the rules take.</summary>
    public long EstimatedBytes { get; } = (8L * symbols.Length) + alternatives.Sum(starts => 32L + (4 * starts.Length)) + (32L * sets.Length) +
        unordered.Sum(rule => 100L + (4 * rule.Members.Length));

    public int Root => root;

    /// <summary>How many positions there are.</summary>
    public int Count => symbols.Length;

    public IReadOnlyList<UnorderedRule> Unordered => unordered;

    public IReadOnlyList<ByteSet> Sets => sets;

    public Symbol this[int position] => symbols[position];

    public ReadOnlySpan<int> Alternatives(int rule) => alternatives[rule];
}
