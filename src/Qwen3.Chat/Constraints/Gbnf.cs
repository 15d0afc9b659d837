using System.Globalization;
using System.Text;

namespace Qwen3.Chat.Constraints;

/// <summary>Pieces of llama.cpp's grammar notation.</summary>
internal static class Gbnf
{
    /// <summary>A text, in quotes.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            literal.Append(rune.Value is '"' or '\\' ? $"\\{rune}" : Character(rune.Value, inBrackets: false));
        }

        return literal.Append('"').ToString();
    }

    /// <summary>One of the characters, in brackets.</summary>
    public static string OneOf(IEnumerable<(int Low, int High)> ranges, bool negated = false)
    {
        var text = new StringBuilder(negated ? "[^" : "[");
        foreach ((int low, int high) in ranges)
        {
            text.Append(Character(low, inBrackets: true));
            if (high > low)
            {
                text.Append(high > low + 1 ? "-" : "").Append(Character(high, inBrackets: true));
            }
        }

        return text.Append(']').ToString();
    }

    /// <summary>One of the expressions, such that anything may stand beside it.</summary>
    public static string Alternatives(IEnumerable<string> expressions)
    {
        string[] distinct = [.. expressions.Distinct(StringComparer.Ordinal)];
        return distinct.Length == 1 ? distinct[0] : $"({string.Join(" | ", distinct)})";
    }

    /// <summary>One expression after the other, less those that are empty.</summary>
    public static string Sequence(params IEnumerable<string> expressions) => string.Join(' ', expressions.Where(expression => expression.Length > 0));

    /// <summary>The expression or nothing.</summary>
    public static string Optional(string expression) => expression.Length == 0 ? "" : $"({expression})?";

    /// <summary>As many decimal digits.</summary>
    public static string Digits(int count) => count switch { 0 => "", 1 => "[0-9]", _ => $"[0-9]{{{count}}}" };

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
