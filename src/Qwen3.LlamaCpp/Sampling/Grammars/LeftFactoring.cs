namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Writes rules out such that what several alternatives of one begin with stands there once, and what they differ in is
/// a rule of its own: a text is then at one place in all of them, in a list of a hundred thousand words as in one of
/// ten.
/// </summary>
internal sealed class LeftFactoring
{
    private readonly List<Symbol> _symbols;
    private readonly List<int[]> _starts = [];
    private readonly Queue<(int Rule, List<(Symbol[] Symbols, int Next)> Alternatives)> _open = new();

    private LeftFactoring(int symbolCount)
    {
        _symbols = new(symbolCount);
    }

    /// <param name="rules">The alternatives of each rule.</param>
    /// <param name="symbolCount">About how many symbols they have.</param>
    /// <returns>
    /// All alternatives, each closed by a <see cref="SymbolKind.End"/>, and where each rule's begin: those of the rules
    /// given, in their order, and behind them those of the rules that were made.
    /// </returns>
    public static (Symbol[] Symbols, int[][] Starts) Write(List<List<Symbol[]>> rules, int symbolCount)
    {
        var factoring = new LeftFactoring(symbolCount);
        foreach (List<Symbol[]> alternatives in rules)
        {
            factoring.Add(alternatives.Select(symbols => (symbols, 0)));
        }

        // There is no recursion, for words may be long.
        while (factoring._open.TryDequeue(out (int Rule, List<(Symbol[] Symbols, int Next)> Alternatives) rule))
        {
            factoring.Write(rule.Rule, rule.Alternatives);
        }

        return ([.. factoring._symbols], [.. factoring._starts]);
    }

    private int Add(IEnumerable<(Symbol[] Symbols, int Next)> alternatives)
    {
        _open.Enqueue((_starts.Count, [.. alternatives]));
        _starts.Add([]);
        return _starts.Count - 1;
    }

    private void Write(int rule, List<(Symbol[] Symbols, int Next)> alternatives)
    {
        var starts = new List<int>();
        foreach (IGrouping<Symbol, (Symbol[] Symbols, int Next)> alike in alternatives.GroupBy(a => a.Next < a.Symbols.Length ? a.Symbols[a.Next] : default))
        {
            starts.Add(_symbols.Count);
            List<(Symbol[] Symbols, int Next)> group = [.. alike];
            (Symbol[] symbols, int next) = group[0];
            int end = group.Min(other => next + symbols.AsSpan(next).CommonPrefixLength(other.Symbols.AsSpan(other.Next)));
            _symbols.AddRange(symbols.AsSpan(next..end));
            if (group.Exists(other => other.Symbols.Length - other.Next > end - next))
            {
                _symbols.Add(new(SymbolKind.Rule, Add(group.Select(other => (other.Symbols, other.Next + end - next)))));
            }

            _symbols.Add(new(SymbolKind.End));
        }

        _starts[rule] = [.. starts];
    }
}
