namespace Qwen3.Chat.Constraints;

/// <summary>Dates and times as System.Text.Json reads them.</summary>
internal static class DateRules
{
    private const string Second = "[0-5] [0-9]";

    // The multiples of 4 among two digits, less 00.
    private const string Fourth = "(\"0\" [48] | [2468] [048] | [13579] [26])";

    public static string Date(GrammarBuilder builder) => Date(
        builder,
        year: "\"000\" [1-9] | \"00\" [1-9] [0-9] | \"0\" [1-9] [0-9]{2} | [1-9] [0-9]{3}",
        leapYear: $"[0-9]{{2}} {Fourth} | {Fourth} \"00\"",
        name: "date");

    public static string Time(GrammarBuilder builder) => builder.Add(
        $"([01] [0-9] | \"2\" [0-3]) \":\" {Second} \":\" {Second} {Fraction(builder)}", "time");

    /// <summary>A time with an offset may be moved to UTC and to local time, for which years at the very ends have no room.</summary>
    public static string DateTime(GrammarBuilder builder)
    {
        string inner = Date(
            builder,
            year: "[1-8] [0-9]{3}",
            leapYear: $"[1-8] [0-9] {Fourth} | ([2468] [048] | [1357] [26]) \"00\"",
            name: "inner-date");
        string time = Time(builder);
        return builder.Add(
            $"{Date(builder)} \"T\" {time} (\"Z\" | [+-] \"00:00\") | " +
            $"{inner} \"T\" {time} [+-] ((\"0\" [0-9] | \"1\" [0-3]) \":\" {Second} | \"14:00\")",
            "date-time");
    }

    /// <summary>What a TimeSpan is written as.</summary>
    public static string Duration(GrammarBuilder builder)
    {
        string days = builder.Add(string.Join(" | ", IntegerDigits.Between(0, TimeSpan.MaxValue.Days - 1)), "days");
        return builder.Add($"\"-\"? ({days} \".\")? {Time(builder)}", "duration");
    }

    private static string Fraction(GrammarBuilder builder) => builder.Add("(\".\" [0-9]{1,7})?", "fraction");

    private static string Date(GrammarBuilder builder, string year, string leapYear, string name)
    {
        string day = builder.Add(
            "(\"0\" [13578] | \"1\" [02]) \"-\" (\"0\" [1-9] | [12] [0-9] | \"3\" [01]) | " +
            "(\"0\" [469] | \"11\") \"-\" (\"0\" [1-9] | [12] [0-9] | \"30\") | " +
            "\"02-\" (\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8])",
            "day");
        return builder.Add($"({year}) \"-\" {day} | ({leapYear}) \"-02-29\"", name);
    }
}
