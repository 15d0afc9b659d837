using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>The digits behind a decimal point, between two bounds.</summary>
/// <param name="Digits">The digits, at least one, or null where there can be none.</param>
/// <param name="MayBeEmpty">Whether there may be none.</param>
internal readonly record struct FractionDigits(Expression? Digits, bool MayBeEmpty)
{
    /// <summary>How many digits there may be where nothing but the type of number limits them.</summary>
    public const int Most = 16;

    /// <param name="low">The lower bound's digits, without zeros at the end, or null.</param>
    /// <param name="lowIsExclusive">Whether the lower bound itself is out of bounds.</param>
    /// <param name="high">The upper bound's digits, without zeros at the end, or null.</param>
    /// <param name="highIsExclusive">Whether the upper bound itself is out of bounds.</param>
    /// <param name="scale">The most digits, or null.</param>
    public static FractionDigits Between(string? low, bool lowIsExclusive, string? high, bool highIsExclusive, int? scale)
    {
        if (low == "" && !lowIsExclusive)
        {
            low = null;
        }

        // The lower bound is zero and excluded, or there is none, or it is more than zero.
        bool mayBeEmpty = low is null && (high is not "" || !highIsExclusive);
        if (scale == 0 || (high == "" && (low is not null || highIsExclusive)))
        {
            return new(null, mayBeEmpty);
        }

        int most = int.Min(scale ?? Most, Most);
        if (high == "")
        {
            return new(((Expression)"0").Repeat(1, most), mayBeEmpty);
        }

        if (low is null && high is null)
        {
            return new(Digit.Repeat(1, most), mayBeEmpty);
        }

        if (low == "" && high is null && scale is null)
        {
            return new(((Expression)"0").Repeat(0, most - 1) + Chars("1-9") + Digit.Repeat(0, most), mayBeEmpty);
        }

        return new(ByFirstDigit(low, lowIsExclusive, high, highIsExclusive, scale), mayBeEmpty);
    }

    /// <summary>The point and the digits, as what may follow an integer part, or null where nothing may.</summary>
    public Expression? AsSuffix() => Digits is null
        ? MayBeEmpty ? Expression.Empty : null
        : MayBeEmpty ? ("." + Digits).Optional() : "." + Digits;

    private static Expression? ByFirstDigit(string? low, bool lowIsExclusive, string? high, bool highIsExclusive, int? scale)
    {
        var alternatives = new List<(char First, char Last, Expression Tail)>();
        for (char digit = '0'; digit <= '9'; digit++)
        {
            char lowDigit = low is [var l, ..] ? l : '0', highDigit = high is [var h, ..] ? h : '9';
            if (digit < lowDigit || digit > highDigit)
            {
                continue;
            }

            FractionDigits rest = Between(
                low is null || digit > lowDigit ? null : low is "" ? "" : low[1..], lowIsExclusive,
                high is null || digit < highDigit ? null : high[1..], highIsExclusive,
                scale - 1);
            Expression? text = rest.Digits is null ? rest.MayBeEmpty ? Expression.Empty : null : rest.MayBeEmpty ? rest.Digits.Optional() : rest.Digits;
            if (text is not null && alternatives is [.., var previous] && previous.Tail.Equals(text))
            {
                alternatives[^1] = previous with { Last = digit };
            }
            else if (text is not null)
            {
                alternatives.Add((digit, digit, text));
            }
        }

        return alternatives.Count == 0
            ? null
            : Any(alternatives.Select(item => Expression.Characters([(item.First, item.Last)]) + item.Tail));
    }
}
