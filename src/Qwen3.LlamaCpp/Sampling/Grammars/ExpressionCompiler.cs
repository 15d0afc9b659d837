using System.Text;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Compiles rules that code has built to what the automaton reads.</summary>
internal sealed class ExpressionCompiler
{
    private readonly GrammarRulesBuilder _rules = new();
    private readonly Queue<GrammarRule> _open = new();
    private readonly Dictionary<GrammarRule, int> _known = [];
    private readonly CancellationToken _cancellationToken;

    private ExpressionCompiler(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
    }

    /// <param name="root">The start rule, named <c>root</c>. Only the rules that it leads to are compiled.</param>
    /// <param name="cancellationToken">Cancels the compilation.</param>
    /// <exception cref="FormatException">The grammar is too large, or a rule can begin with itself.</exception>
    public static GrammarRules Compile(GrammarRule root, CancellationToken cancellationToken)
    {
        var compiler = new ExpressionCompiler(cancellationToken);
        compiler.RuleOf(root);
        while (compiler._open.TryDequeue(out GrammarRule? rule))
        {
            compiler._rules.Define(compiler._known[rule], compiler.Alternatives(rule.Body!));
        }

        return compiler._rules.Build();
    }

    private List<Symbol[]> Alternatives(GrammarExpression expression)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        return expression.Kind == ExpressionKind.Alternatives ? [.. expression.Parts.Select(Symbols)] : [Symbols(expression)];
    }

    private Symbol[] Symbols(GrammarExpression expression)
    {
        var symbols = new List<Symbol>();
        Append(expression, symbols);
        return [.. symbols];
    }

    private void Append(GrammarExpression expression, List<Symbol> symbols)
    {
        switch (expression.Kind)
        {
            case ExpressionKind.Text:
                foreach (Rune rune in expression.Text.EnumerateRunes())
                {
                    symbols.AddRange(_rules.Character(rune.Value));
                }

                break;
            case ExpressionKind.Characters:
                symbols.Add(_rules.Characters(expression.Ranges, expression.Flag));
                break;
            case ExpressionKind.Token:
                symbols.Add(new(SymbolKind.Token, expression.Min));
                break;
            case ExpressionKind.OtherToken:
                symbols.Add(new(SymbolKind.OtherToken, expression.Min));
                break;
            case ExpressionKind.Rule:
                symbols.Add(new(SymbolKind.Rule, RuleOf(expression)));
                break;
            case ExpressionKind.Sequence:
                foreach (GrammarExpression part in expression.Parts)
                {
                    Append(part, symbols);
                }

                break;
            case ExpressionKind.Alternatives:
                symbols.Add(new(SymbolKind.Rule, _rules.Define(Alternatives(expression))));
                break;
            case ExpressionKind.Repetition:
                symbols.AddRange(_rules.Repeat(Symbols(expression.Parts[0]), expression.Min, expression.Max));
                break;
            default:
                symbols.Add(_rules.Unordered(
                    RuleOf(expression.Parts[0]),
                    [.. expression.Parts.Skip(1).Select(RuleOf)],
                    expression.Min,
                    hasOthers: expression.Max == 1,
                    expression.Flag));
                break;
        }

        GrammarRulesBuilder.ThrowIfTooLarge(symbols.Count);
    }

    private int RuleOf(GrammarExpression expression) =>
        expression.Target is { } rule ? RuleOf(rule) : _rules.Define(Alternatives(expression));

    private int RuleOf(GrammarRule rule)
    {
        if (!_known.TryGetValue(rule, out int index))
        {
            _known[rule] = index = _rules.Rule(rule.Name);
            _open.Enqueue(rule);
        }

        return index;
    }
}
