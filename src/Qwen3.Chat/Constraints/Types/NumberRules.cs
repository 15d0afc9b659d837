using System.Globalization;

using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>Numbers, as expressions.</summary>
internal static class NumberRules
{
    // Unless a bound lies beyond, as many digits before the point as behind it.
    private const decimal Far = 1e16m;

    /// <summary>Why there is no such number, or null.</summary>
    public static string? FindConflict(NumberFacts facts, bool isInteger)
    {
        (decimal low, decimal high) = facts.IntegerBounds();
        return isInteger
            ? low > high ? "no integer lies between its bounds" : null
            : Alternatives(facts).Count == 0 ? "no number lies between its bounds" : null;
    }

    public static Expression For(NumberFacts facts, bool isInteger, JsonRules json)
    {
        if (facts.IsUnlimited)
        {
            return isInteger ? json.Integer : json.Number;
        }

        (decimal low, decimal high) = facts.IntegerBounds();
        return isInteger && (low, high) == (long.MinValue, long.MaxValue)
            ? json.Integer
            : json.Builder.Add(Any(isInteger ? IntegerDigits.Between(low, high) : Alternatives(facts)), isInteger ? "int" : "num");
    }

    private static List<Expression> Alternatives(NumberFacts facts)
    {
        if (facts.Scale == 0)
        {
            (decimal first, decimal last) = facts.IntegerBounds();
            return first > last ? [] : [.. IntegerDigits.Between(first, last)];
        }

        Bound? low = facts.Low, high = facts.High;
        if (low is null && high is null)
        {
            return [((Expression)"-").Optional() + Any(Magnitudes(new(0, false), null, facts.Scale))];
        }

        var alternatives = new List<Expression>();
        if (low is null || low.Value.Value < 0)
        {
            // Zero has a sign, too, where it is within the bounds.
            Bound nearer = high is { Value: <= 0 } negative ? negative with { Value = -negative.Value } : new(0, false);
            Bound? farther = low is { } bound ? bound with { Value = -bound.Value } : null;
            alternatives.AddRange(Magnitudes(nearer, farther, facts.Scale).Select(magnitude => "-" + magnitude));
        }

        if (high is null or { Value: > 0 } or { Value: 0, IsExclusive: false })
        {
            alternatives.AddRange(Magnitudes(low is { Value: >= 0 } positive ? positive : new(0, false), high, facts.Scale));
        }

        return alternatives;
    }

    private static List<Expression> Magnitudes(Bound low, Bound? high, int? scale)
    {
        Bound end = high ?? new(low.Value < Far ? Far : NumberFacts.Limit, IsExclusive: true);
        if (low.Value > end.Value)
        {
            return [];
        }

        (decimal first, string lowDigits) = Split(low.Value);
        (decimal last, string highDigits) = Split(end.Value);
        var alternatives = new List<Expression>();
        void Add(decimal from, decimal to, FractionDigits fraction)
        {
            if (from <= to && fraction.AsSuffix() is { } suffix)
            {
                alternatives.Add(Any(IntegerDigits.Magnitudes(from, to)) + suffix);
            }
        }

        if (first == last)
        {
            Add(first, first, FractionDigits.Between(lowDigits, low.IsExclusive, highDigits, end.IsExclusive, scale));
            return alternatives;
        }

        bool isWhole = lowDigits == "" && !low.IsExclusive;
        if (!isWhole)
        {
            Add(first, first, FractionDigits.Between(lowDigits, low.IsExclusive, null, false, scale));
        }

        Add(isWhole ? first : first + 1, last - 1, FractionDigits.Between(null, false, null, false, scale));
        Add(last, last, FractionDigits.Between(null, false, highDigits, end.IsExclusive, scale));
        return alternatives;
    }

    private static (decimal Whole, string Fraction) Split(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        int point = text.IndexOf('.');
        return (decimal.Truncate(value), point < 0 ? "" : text[(point + 1)..].TrimEnd('0'));
    }
}
