using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>Dates and times as System.Text.Json reads them.</summary>
internal static class DateRules
{
    private static readonly Expression s_second = Chars("0-5") + Digit;

    // The multiples of 4 among two digits, less 00.
    private static readonly Expression s_fourth = "0" + Chars("48") | Chars("2468") + Chars("048") | Chars("13579") + Chars("26");

    public static Expression Date(GrammarBuilder builder) => Date(
        builder,
        year: "000" + Chars("1-9") | "00" + Chars("1-9") + Digit | "0" + Chars("1-9") + Digit.Times(2) | Chars("1-9") + Digit.Times(3),
        leapYear: Digit.Times(2) + s_fourth | s_fourth + "00",
        name: "date");

    public static Expression Time(GrammarBuilder builder) => builder.Add(
        (Chars("01") + Digit | "2" + Chars("0-3")) + ":" + s_second + ":" + s_second + Fraction(builder), "time");

    /// <summary>
    /// A time with an offset may be moved to UTC and to local time, for which years at the very ends have no room.
    /// </summary>
    public static Expression DateTime(GrammarBuilder builder)
    {
        Expression inner = Date(
            builder,
            year: Chars("1-8") + Digit.Times(3),
            leapYear: Chars("1-8") + Digit + s_fourth | (Chars("2468") + Chars("048") | Chars("1357") + Chars("26")) + "00",
            name: "inner-date");
        Expression time = Time(builder), sign = Chars("+-");
        Expression offset = ("0" + Digit | "1" + Chars("0-3")) + ":" + s_second | "14:00";
        return builder.Add(
            Date(builder) + "T" + time + ((Expression)"Z" | sign + "00:00") | inner + "T" + time + sign + offset, "date-time");
    }

    /// <summary>What a TimeSpan is written as.</summary>
    public static Expression Duration(GrammarBuilder builder)
    {
        Expression days = builder.Add(Any(IntegerDigits.Between(0, TimeSpan.MaxValue.Days - 1)), "days");
        return builder.Add(((Expression)"-").Optional() + (days + ".").Optional() + Time(builder), "duration");
    }

    private static Expression Fraction(GrammarBuilder builder) => builder.Add(("." + Digit.Repeat(1, 7)).Optional(), "fraction");

    private static Expression Date(GrammarBuilder builder, Expression year, Expression leapYear, string name)
    {
        Expression upTo30 = "0" + Chars("1-9") | Chars("12") + Digit | "30";
        Expression day = builder.Add(
            ("0" + Chars("13578") | "1" + Chars("02")) + "-" + ("0" + Chars("1-9") | Chars("12") + Digit | "3" + Chars("01")) |
            ("0" + Chars("469") | "11") + "-" + upTo30 |
            "02-" + ("0" + Chars("1-9") | "1" + Digit | "2" + Chars("0-8")),
            "day");
        return builder.Add(year + "-" + day | leapYear + "-02-29", name);
    }
}
