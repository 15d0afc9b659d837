using System.Globalization;

using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>Integers between two bounds, digit by digit.</summary>
internal static class IntegerDigits
{
    /// <summary>
    /// The integers from <paramref name="low"/> to <paramref name="high"/>, both included, as alternatives.
    /// </summary>
    public static IEnumerable<Expression> Between(decimal low, decimal high)
    {
        if (low < 0 && low == -high)
        {
            return [((Expression)"-").Optional() + Any(Magnitudes(0, high))];
        }

        IEnumerable<Expression> negative = low < 0 ? ["-" + Any(Magnitudes(high < 0 ? -high : 1, -low))] : [];
        return high < 0 ? negative : negative.Concat(Magnitudes(decimal.Max(low, 0), high));
    }

    /// <summary>The same for bounds that are not negative.</summary>
    public static List<Expression> Magnitudes(decimal low, decimal high)
    {
        var alternatives = new List<Expression>();
        if (low == 0)
        {
            alternatives.Add("0");
            low = 1;
        }

        string lowDigits = low.ToString("0", CultureInfo.InvariantCulture), highDigits = high.ToString("0", CultureInfo.InvariantCulture);
        int firstFull = 0;
        for (int length = lowDigits.Length; length <= highDigits.Length && low <= high; length++)
        {
            string from = length == lowDigits.Length ? lowDigits : "1" + new string('0', length - 1);
            string to = length == highDigits.Length ? highDigits : new string('9', length);
            bool isFull = from.TrimEnd('0') == "1" && to.All(digit => digit == '9');
            if (isFull)
            {
                firstFull = firstFull == 0 ? length : firstFull;
            }

            if (firstFull > 0 && (!isFull || length == highDigits.Length))
            {
                // All the integers of several lengths, in one.
                int lastFull = isFull ? length : length - 1;
                alternatives.Add(Chars("1-9") + Digit.Repeat(firstFull - 1, lastFull - 1));
                firstFull = 0;
            }

            if (!isFull)
            {
                alternatives.AddRange(OfOneLength(from, to));
            }
        }

        return alternatives;
    }

    /// <summary>The numbers between two of as many digits, as alternatives.</summary>
    private static List<Expression> OfOneLength(string low, string high)
    {
        int common = low.Zip(high).TakeWhile(pair => pair.First == pair.Second).Count();
        if (common > 0)
        {
            return [low[..common] + (common < low.Length ? Any(OfOneLength(low[common..], high[common..])) : Expression.Empty)];
        }

        string zeros = new('0', low.Length - 1), nines = new('9', low.Length - 1);
        (char first, char last) = (low[0], high[0]);
        var alternatives = new List<Expression>();
        if (low[1..] != zeros)
        {
            alternatives.Add($"{first++}" + Any(OfOneLength(low[1..], nines)));
        }

        Expression? top = high[1..] != nines ? $"{last--}" + Any(OfOneLength(zeros, high[1..])) : null;
        if (first <= last)
        {
            alternatives.Add(Expression.Characters([(first, last)]) + Digit.Times(zeros.Length));
        }

        return top is null ? alternatives : [.. alternatives, top];
    }
}
