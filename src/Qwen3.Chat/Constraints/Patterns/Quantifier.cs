using System.Globalization;

namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>How often a part of a pattern stands there.</summary>
/// <param name="Min">At least.</param>
/// <param name="Max">At most, or null.</param>
/// <param name="Length">How long the quantifier is.</param>
internal readonly record struct Quantifier(int Min, int? Max, int Length)
{
    public static bool IsNext(ReadOnlySpan<char> text) => text is ['*' or '+' or '?' or '{', ..];

    /// <summary>Reads a quantifier, greedy or lazy: the texts that match are the same.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out Quantifier quantifier)
    {
        switch (text[0])
        {
            case '*':
                quantifier = new(0, null, 1);
                break;
            case '+':
                quantifier = new(1, null, 1);
                break;
            case '?':
                quantifier = new(0, 1, 1);
                break;
            default:
                int end = text.IndexOf('}');
                if (end < 0 || !TryReadCounts(text[1..end], out quantifier))
                {
                    quantifier = default;
                    return false;
                }

                break;
        }

        if (text[quantifier.Length..] is ['?', ..])
        {
            quantifier = quantifier with { Length = quantifier.Length + 1 };
        }

        return true;
    }

    private static bool TryReadCounts(ReadOnlySpan<char> counts, out Quantifier quantifier)
    {
        int comma = counts.IndexOf(',');
        ReadOnlySpan<char> first = comma < 0 ? counts : counts[..comma], last = counts[(comma + 1)..];
        quantifier = default;
        if (!TryReadCount(first, out int min))
        {
            return false;
        }

        int? max = null;
        if (last.Length > 0)
        {
            if (!TryReadCount(last, out int most) || most < min)
            {
                return false;
            }

            max = most;
        }

        quantifier = new(min, max, counts.Length + 2);
        return true;
    }

    private static bool TryReadCount(ReadOnlySpan<char> digits, out int count) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= Repetition.Limit;
}
