using System.Text;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Collects the rules of a grammar.</summary>
internal sealed class GrammarRulesBuilder
{
    // As many as a grammar of several megabytes has; beyond, it is a mistake or an attack.
    private const int MaxSymbols = 4_000_000;

    private readonly Dictionary<string, int> _names = [];
    private readonly List<string?> _nameOf = [];
    private readonly List<List<Symbol[]>?> _rules = [];
    private readonly Dictionary<ByteSet, int> _sets = [];
    private readonly Dictionary<string, Symbol> _characters = [];
    private readonly List<UnorderedRule> _unordered = [];
    private int _symbolCount;

    /// <summary>The rule of a name, which may be defined later.</summary>
    public int Rule(string name)
    {
        if (!_names.TryGetValue(name, out int rule))
        {
            _names[name] = rule = AddRule();
            _nameOf[rule] = name;
        }

        return rule;
    }

    public int AddRule()
    {
        _rules.Add(null);
        _nameOf.Add(null);
        return _rules.Count - 1;
    }

    /// <exception cref="FormatException">The grammar has become too large.</exception>
    public void Define(int rule, List<Symbol[]> alternatives)
    {
        _symbolCount += alternatives.Sum(alternative => alternative.Length + 1);
        ThrowIfTooLarge(_symbolCount);
        _rules[rule] = alternatives;
    }

    public int Define(List<Symbol[]> alternatives)
    {
        int rule = AddRule();
        Define(rule, alternatives);
        return rule;
    }

    /// <exception cref="FormatException">So many symbols are too many.</exception>
    public static void ThrowIfTooLarge(long symbols)
    {
        if (symbols > MaxSymbols)
        {
            throw new FormatException($"it has more than {MaxSymbols} symbols with its repetitions written out; repeat less");
        }
    }

    /// <summary>The symbols of a sequence that repeats.</summary>
    /// <exception cref="FormatException">They are too many.</exception>
    public List<Symbol> Repeat(Symbol[] item, int min, int? max)
    {
        ThrowIfTooLarge((long)item.Length * (max ?? min + 1));
        var symbols = new List<Symbol>(item.Length * min);
        for (int i = 0; i < min; i++)
        {
            symbols.AddRange(item);
        }

        int? rest = null;
        if (max is null)
        {
            rest = AddRule();
            Define(rest.Value, [[.. item, new(SymbolKind.Rule, rest.Value)], []]);
        }

        for (int i = min; i < max; i++)
        {
            rest = Define([rest is { } next ? [.. item, new(SymbolKind.Rule, next)] : item, []]);
        }

        if (rest is { } last)
        {
            symbols.Add(new(SymbolKind.Rule, last));
        }

        return symbols;
    }

    /// <summary>One character, by its bytes.</summary>
    public IEnumerable<Symbol> Character(int character) => Rune.IsValid(character)
        ? Encoding.UTF8.GetBytes(char.ConvertFromUtf32(character)).Select(value => Bytes(ByteSet.Range(value, value)))
        : throw new FormatException("a literal has no character in it (half a surrogate pair is none)");

    /// <summary>One character of some ranges of code points, or of all others.</summary>
    public Symbol Characters(IReadOnlyList<(int First, int Last)> ranges, bool isInverted)
    {
        string key = $"{isInverted}{string.Join(',', ranges)}";
        if (_characters.TryGetValue(key, out Symbol symbol))
        {
            return symbol;
        }

        var sequences = new List<(byte First, byte Last)[]>();
        int next = 0;
        foreach ((int first, int last) in ranges.Order())
        {
            if (isInverted && next < first)
            {
                Utf8Ranges.Add(next, first - 1, sequences);
            }

            if (!isInverted && next <= last)
            {
                Utf8Ranges.Add(Math.Max(next, first), last, sequences);
            }

            next = Math.Max(next, last + 1);
        }

        if (isInverted)
        {
            Utf8Ranges.Add(next, 0x10FFFF, sequences);
        }

        if (sequences.Count == 0)
        {
            throw new FormatException("a range has no character in it (half a surrogate pair is none)");
        }

        // Single bytes are one set, and what needs several is a rule.
        var alternatives = new List<Symbol[]>();
        ByteSet single = default;
        foreach ((byte First, byte Last)[] sequence in sequences)
        {
            if (sequence is [(byte first, byte last)])
            {
                single |= ByteSet.Range(first, last);
            }
            else
            {
                alternatives.Add([.. sequence.Select(range => Bytes(ByteSet.Range(range.First, range.Last)))]);
            }
        }

        if (single != default)
        {
            alternatives.Insert(0, [Bytes(single)]);
        }

        return _characters[key] = alternatives is [[Symbol one]] ? one : new(SymbolKind.Rule, Define(alternatives));
    }

    /// <summary>Members in any order: see <see cref="UnorderedRule"/>.</summary>
    /// <param name="separator">The rule of what stands between two of them.</param>
    /// <param name="members">Their rules.</param>
    /// <param name="required">How many of them, which are the first, have to be there.</param>
    /// <param name="hasOthers">Whether the last one is that of all others, which may repeat.</param>
    /// <param name="startsWithSeparator">Whether there is a separator before the first one too.</param>
    public Symbol Unordered(int separator, int[] members, int required, bool hasOthers, bool startsWithSeparator)
    {
        MemberSet all = MemberSet.Empty(members.Length);
        for (int i = 0; i < required; i++)
        {
            all = all.With(i);
        }

        _unordered.Add(new(members, separator, all, hasOthers, startsWithSeparator));
        return new(SymbolKind.Unordered, _unordered.Count - 1);
    }

    /// <exception cref="FormatException">A rule is missing, or one begins with itself.</exception>
    public GrammarRules Build()
    {
        int undefined = _rules.IndexOf(null);
        if (undefined >= 0)
        {
            throw new FormatException($"there is no rule '{_nameOf[undefined]}'");
        }

        if (!_names.TryGetValue("root", out int root))
        {
            throw new FormatException("there is no rule 'root' to start with");
        }

        ThrowIfLeftRecursive(FindNullable());
        (Symbol[] symbols, int[][] starts) = LeftFactoring.Write(_rules!, _symbolCount);
        return new(symbols, starts, [.. _sets.Keys], [.. _unordered], root);
    }

    private Symbol Bytes(ByteSet set)
    {
        if (!_sets.TryGetValue(set, out int index))
        {
            _sets[set] = index = _sets.Count;
        }

        return new(SymbolKind.Bytes, index);
    }

    /// <summary>A rule that can begin with itself has no end of ways to begin.</summary>
    private void ThrowIfLeftRecursive(bool[] isNullable)
    {
        var state = new byte[_rules.Count];
        // Depth first with a stack of our own, for a chain of rules may be long.
        for (int start = 0; start < state.Length; start++)
        {
            var path = new Stack<(int Rule, IEnumerator<int> Next)>();
            int? visit = state[start] == 0 ? start : null;
            while (visit is not null || path.Count > 0)
            {
                if (visit is { } rule)
                {
                    state[rule] = 1;
                    path.Push((rule, Leftmost(rule, isNullable).GetEnumerator()));
                    visit = null;
                }

                (int current, IEnumerator<int> next) = path.Peek();
                if (!next.MoveNext())
                {
                    state[current] = 2;
                    path.Pop();
                }
                else if (state[next.Current] == 1)
                {
                    string? name = _nameOf[next.Current] ?? path.Select(step => _nameOf[step.Rule]).FirstOrDefault(n => n is not null);
                    throw new FormatException($"the rule '{name}' can begin with itself (left recursion); put what it begins with first and repeat the rest");
                }
                else if (state[next.Current] == 0)
                {
                    visit = next.Current;
                }
            }
        }
    }

    private IEnumerable<int> Leftmost(int rule, bool[] isNullable)
    {
        foreach (Symbol[] alternative in _rules[rule]!)
        {
            foreach (Symbol symbol in alternative)
            {
                if (symbol.Kind != SymbolKind.Rule)
                {
                    break;
                }

                yield return symbol.Value;
                if (!isNullable[symbol.Value])
                {
                    break;
                }
            }
        }
    }

    private bool[] FindNullable()
    {
        var isNullable = new bool[_rules.Count];
        // Of each alternative that is made of rules alone, how many of them are not known to be empty, and of each rule
        // the alternatives it is in.
        var alternatives = new List<(int Rule, int Left)>();
        var users = new List<int>?[_rules.Count];
        var open = new Queue<int>();
        for (int rule = 0; rule < isNullable.Length; rule++)
        {
            foreach (Symbol[] alternative in _rules[rule]!.Where(symbols => Array.TrueForAll(symbols, symbol => symbol.Kind == SymbolKind.Rule)))
            {
                foreach (Symbol symbol in alternative)
                {
                    (users[symbol.Value] ??= []).Add(alternatives.Count);
                }

                alternatives.Add((rule, alternative.Length));
                Mark(alternatives[^1]);
            }
        }

        while (open.TryDequeue(out int rule))
        {
            foreach (int user in users[rule] ?? [])
            {
                alternatives[user] = (alternatives[user].Rule, alternatives[user].Left - 1);
                Mark(alternatives[user]);
            }
        }

        return isNullable;

        void Mark((int Rule, int Left) alternative)
        {
            if (alternative.Left == 0 && !isNullable[alternative.Rule])
            {
                isNullable[alternative.Rule] = true;
                open.Enqueue(alternative.Rule);
            }
        }
    }
}
