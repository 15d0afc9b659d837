namespace Qwen3.Chat.Constraints;

/// <summary>The formats of strings, as expressions of what stands between the quotes.</summary>
internal static class FormatRules
{
    private const string Label = "[a-zA-Z0-9] ([a-zA-Z0-9-]{0,61} [a-zA-Z0-9])?";
    private const string Octet = "\"25\" [0-5] | \"2\" [0-4] [0-9] | \"1\" [0-9]{2} | [1-9]? [0-9]";

    // What JsonSchemaExporter says of TimeSpan. It allows 99:99:99, which is none.
    private const string TimeSpanPattern = "^-?(\\d+\\.)?\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,7})?$";

    public static bool IsKnown(string format) => format is
        "date" or "time" or "date-time" or "duration" or "uuid" or "email" or "hostname" or "ipv4" or "uri" or "byte" or "base64";

    /// <summary>The format that a pattern is meant to be, or null.</summary>
    public static string? OfPattern(string pattern) => pattern == TimeSpanPattern ? "duration" : null;

    /// <summary>The expression of a format that is known.</summary>
    public static string Of(string format, JsonRules json) => format switch
    {
        "date" => DateRules.Date(json.Builder),
        "time" => DateRules.Time(json.Builder),
        "date-time" => DateRules.DateTime(json.Builder),
        "duration" => DateRules.Duration(json.Builder),
        "uuid" => Uuid(json.Builder),
        "email" => Email(json.Builder),
        "hostname" => Host(json.Builder),
        "ipv4" => IPv4(json.Builder),
        "uri" => Uri(json.Builder),
        _ => Base64(json.Builder),
    };

    private static string Uuid(GrammarBuilder builder)
    {
        string four = builder.Add("[0-9a-fA-F]{4}", "hex");
        return builder.Add($"{four} {four} \"-\" {four} \"-\" {four} \"-\" {four} \"-\" {four} {four} {four}", "uuid");
    }

    private static string Host(GrammarBuilder builder)
    {
        string label = builder.Add(Label, "label");
        return builder.Add($"{label} (\".\" {label}){{0,7}}", "host");
    }

    private static string Email(GrammarBuilder builder)
    {
        string word = builder.Add("[a-zA-Z0-9_%+-]{1,64}", "word"), label = builder.Add(Label, "label");
        return builder.Add($"{word} (\".\" {word}){{0,3}} \"@\" {label} (\".\" {label}){{1,7}}", "email");
    }

    private static string IPv4(GrammarBuilder builder)
    {
        string octet = builder.Add(Octet, "octet");
        return builder.Add($"{octet} (\".\" {octet}){{3}}", "ipv4");
    }

    /// <summary>Absolute and with a host; of the schemes not those that System.Uri reads in ways of their own, of which <c>file</c> is one.</summary>
    private static string Uri(GrammarBuilder builder)
    {
        string port = builder.Add(string.Join(" | ", IntegerDigits.Between(0, ushort.MaxValue)), "port");
        string character = builder.Add("[a-zA-Z0-9._~!$&'()*+,;=:@/-] | \"%\" [0-9a-fA-F]{2}", "uri-char");
        return builder.Add(
            $"(\"http\" \"s\"? | \"ftp\" \"s\"? | \"ws\" \"s\"? | \"ssh\" | \"git\" | \"redis\" | \"amqp\") \"://\" {Host(builder)} (\":\" {port})? " +
            $"(\"/\" {character}*)? (\"?\" {character}*)? (\"#\" {character}*)?",
            "uri");
    }

    private static string Base64(GrammarBuilder builder)
    {
        string digit = builder.Add("[a-zA-Z0-9+/]", "base64-digit");
        string four = builder.Add($"{digit}{{4}}", "base64-four");
        // The bits that padding cuts off are nought.
        return builder.Add($"{four}* ({digit} [AQgw] \"==\" | {digit} {digit} [AEIMQUYcgkosw048] \"=\")?", "base64");
    }
}
