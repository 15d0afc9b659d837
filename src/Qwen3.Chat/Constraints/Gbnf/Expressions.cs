global using Expression = Qwen3.LlamaCpp.Sampling.Grammars.GrammarExpression;

namespace Qwen3.Chat.Constraints;

/// <summary>Pieces that the expressions of grammars are made of.</summary>
internal static class Expressions
{
    /// <summary>One decimal digit.</summary>
    public static Expression Digit { get; } = Chars("0-9");

    /// <summary>One hexadecimal digit.</summary>
    public static Expression Hex { get; } = Chars("0-9a-fA-F");

    /// <summary>
    /// One of the characters, of which ranges have a hyphen between. A hyphen that is meant itself is the last.
    /// </summary>
    public static Expression Chars(string characters)
    {
        var ranges = new List<(int, int)>();
        for (int i = 0; i < characters.Length; i++)
        {
            bool isRange = i + 2 < characters.Length && characters[i + 1] == '-';
            ranges.Add((characters[i], characters[isRange ? i + 2 : i]));
            i += isRange ? 2 : 0;
        }

        return Expression.Characters(ranges);
    }

    /// <summary>One of the expressions.</summary>
    public static Expression Any(IEnumerable<Expression> expressions) => Expression.Alternatives(expressions);

    /// <summary>One expression after the other.</summary>
    public static Expression Sequence(params IEnumerable<Expression> expressions) => Expression.Sequence(expressions);

    /// <summary>As many times.</summary>
    public static Expression Times(this Expression expression, int count) => expression.Repeat(count, count);

    /// <summary>Any number of times.</summary>
    public static Expression Star(this Expression expression) => expression.Repeat(0, null);
}
