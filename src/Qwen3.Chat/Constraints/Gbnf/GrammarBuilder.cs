using Qwen3.LlamaCpp;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// Gathers the rules of a grammar. Equal bodies are one rule, and names depend on nothing but the order in which rules
/// are added.
/// </summary>
internal sealed class GrammarBuilder
{
    private readonly Dictionary<Expression, GrammarRule> _byBody = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<GrammarRule> _rules = [];

    /// <summary>Adds a rule, unless there is one with this body.</summary>
    /// <param name="body">What the rule stands for.</param>
    /// <param name="name">The name, which gets a number where it is taken.</param>
    /// <returns>The rule; where the body is nothing but a rule, that one.</returns>
    public Expression Add(Expression body, string name)
    {
        if (body.Kind == ExpressionKind.Rule)
        {
            return body;
        }

        if (!_byBody.TryGetValue(body, out GrammarRule? rule))
        {
            rule = Reserve(name);
            Define(rule, body);
        }

        return Expression.Rule(rule);
    }

    /// <summary>
    /// Adds a rule whose body is not known yet, as in recursion. <see cref="Define(GrammarRule, Expression)"/> has to
    /// follow.
    /// </summary>
    public GrammarRule Reserve(string name)
    {
        string free = name;
        int number = _numbers.GetValueOrDefault(name, 2);
        // 'root' is the start rule's.
        for (; free == "root" || !_names.Add(free); number++)
        {
            free = $"{name}-{number}";
        }

        _numbers[name] = number;
        return new(free);
    }

    public void Define(GrammarRule rule, Expression body)
    {
        rule.Body = body;
        _byBody.TryAdd(body, rule);
        _rules.Add(rule);
    }

    /// <summary>Adds a rule under just this name.</summary>
    public Expression Define(string name, Expression body)
    {
        var rule = new GrammarRule(name);
        _names.Add(name);
        Define(rule, body);
        return Expression.Rule(rule);
    }

    /// <summary>The grammar over a vocabulary.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">Writes the grammar's text; by default what <see cref="ToString"/> does.</param>
    /// <param name="cancellationToken">Cancels the compilation.</param>
    /// <exception cref="FormatException">The grammar is too large.</exception>
    public Grammar ToGrammar(Tokenizer tokenizer, Func<string>? text = null, CancellationToken cancellationToken = default) =>
        new(_rules.Find(rule => rule.Name == "root")!, text ?? ToString, tokenizer, cancellationToken);

    /// <summary>The grammar's text, <c>root</c> first.</summary>
    public override string ToString() => GbnfWriter.Write(_rules);
}
