using System.Globalization;
using System.Text;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Writes rules that code has built in llama.cpp's notation. What is unordered has no notation there:
/// <c>&amp;(separator | required! optional | others)</c> is for people to read, with <c>&amp;+(</c> where a separator
/// comes first.
/// </summary>
internal static class GbnfWriter
{
    /// <summary>The text of rules, <c>root</c> first.</summary>
    public static string Write(IEnumerable<GrammarRule> rules)
    {
        var text = new StringBuilder();
        foreach (GrammarRule rule in rules.Where(rule => rule.Body is not null).OrderBy(rule => rule.Name != "root"))
        {
            text.Append(rule.Name).Append(" ::= ");
            Write(rule.Body!, text, isPart: false);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Write(GrammarExpression expression, StringBuilder text, bool isPart)
    {
        switch (expression.Kind)
        {
            case ExpressionKind.Text:
                text.Append('"');
                foreach (Rune rune in expression.Text.EnumerateRunes())
                {
                    text.Append(rune.Value is '"' or '\\' ? $"\\{rune}" : Character(rune.Value, inBrackets: false));
                }

                text.Append('"');
                break;
            case ExpressionKind.Characters:
                text.Append(expression.Flag ? "[^" : "[");
                foreach ((int first, int last) in expression.Ranges)
                {
                    text.Append(Character(first, inBrackets: true)).Append(last > first + 1 ? "-" : "")
                        .Append(last > first ? Character(last, inBrackets: true) : "");
                }

                text.Append(']');
                break;
            case ExpressionKind.Token or ExpressionKind.OtherToken:
                text.Append(CultureInfo.InvariantCulture, $"{(expression.Kind == ExpressionKind.Token ? "" : "!")}<[{expression.Min}]>");
                break;
            case ExpressionKind.Rule:
                text.Append(expression.Target!.Name);
                break;
            case ExpressionKind.Repetition:
                bool isGroup = expression.Parts[0].Kind is ExpressionKind.Sequence or ExpressionKind.Alternatives or ExpressionKind.Repetition;
                text.Append(isGroup ? "(" : "");
                Write(expression.Parts[0], text, isPart: !isGroup);
                text.Append(isGroup ? ")" : "").Append((expression.Min, expression.Max) switch
                {
                    (0, null) => "*",
                    (1, null) => "+",
                    (0, 1) => "?",
                    (var min, null) => $"{{{min},}}",
                    var (min, max) => min == max ? $"{{{min}}}" : $"{{{min},{max}}}",
                });
                break;
            case ExpressionKind.Unordered:
                WriteUnordered(expression, text);
                break;
            default:
                bool isInParentheses = isPart && expression.Kind == ExpressionKind.Alternatives;
                text.Append(isInParentheses ? "(" : "");
                for (int i = 0; i < expression.Parts.Count; i++)
                {
                    text.Append(i == 0 ? "" : expression.Kind == ExpressionKind.Alternatives ? " | " : " ");
                    Write(expression.Parts[i], text, isPart: expression.Kind == ExpressionKind.Sequence);
                }

                text.Append(isInParentheses ? ")" : "");
                break;
        }
    }

    private static void WriteUnordered(GrammarExpression expression, StringBuilder text)
    {
        text.Append(expression.Flag ? "&+(" : "&(");
        Write(expression.Parts[0], text, isPart: true);
        text.Append(" |");
        for (int i = 1; i < expression.Parts.Count; i++)
        {
            text.Append(expression.Max == 1 && i == expression.Parts.Count - 1 ? " | " : " ");
            Write(expression.Parts[i], text, isPart: true);
            text.Append(i <= expression.Min ? "!" : "");
        }

        text.Append(')');
    }

    private static string Character(int value, bool inBrackets) => value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' or '[' or ']' or '-' when inBrackets => $"\\{(char)value}",
        '^' when inBrackets => "\\x5E",
        < 0x20 or (>= 0x7F and < 0xA0) => $"\\x{value:X2}",
        // Characters that are invisible, or no characters at all, would be lost in a text.
        _ when value > 0xFFFF => inBrackets ? $"\\U{value:X8}" : char.ConvertFromUtf32(value),
        > 0x7F when char.GetUnicodeCategory((char)value) is UnicodeCategory.SpaceSeparator or
            UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Format or
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.NonSpacingMark => $"\\u{value:X4}",
        _ => ((char)value).ToString(),
    };
}
