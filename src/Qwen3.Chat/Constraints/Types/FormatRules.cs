using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>The formats of strings, as expressions of what stands between the quotes.</summary>
internal static class FormatRules
{
    // What JsonSchemaExporter says of TimeSpan. It allows 99:99:99, which is none.
    private const string TimeSpanPattern = "^-?(\\d+\\.)?\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,7})?$";

    private static readonly Expression s_alphanumeric = Chars("a-zA-Z0-9");
    private static readonly Expression s_label = s_alphanumeric + (Chars("a-zA-Z0-9-").Repeat(0, 61) + s_alphanumeric).Optional();

    public static bool IsKnown(string format) => format is
        "date" or "time" or "date-time" or "duration" or "uuid" or "email" or "hostname" or "ipv4" or "uri" or "byte" or "base64";

    /// <summary>The format that a pattern is meant to be, or null.</summary>
    public static string? OfPattern(string pattern) => pattern == TimeSpanPattern ? "duration" : null;

    /// <summary>The expression of a format that is known.</summary>
    public static Expression For(string format, JsonRules json) => format switch
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

    private static Expression Uuid(GrammarBuilder builder)
    {
        Expression four = builder.Add(Hex.Times(4), "hex");
        return builder.Add(four + four + "-" + four + "-" + four + "-" + four + "-" + four + four + four, "uuid");
    }

    private static Expression Host(GrammarBuilder builder)
    {
        Expression label = builder.Add(s_label, "label");
        return builder.Add(label + ("." + label).Repeat(0, 7), "host");
    }

    private static Expression Email(GrammarBuilder builder)
    {
        Expression word = builder.Add(Chars("a-zA-Z0-9_%+-").Repeat(1, 64), "word"), label = builder.Add(s_label, "label");
        return builder.Add(word + ("." + word).Repeat(0, 3) + "@" + label + ("." + label).Repeat(1, 7), "email");
    }

    private static Expression IPv4(GrammarBuilder builder)
    {
        Expression octet = builder.Add(
            "25" + Chars("0-5") | "2" + Chars("0-4") + Digit | "1" + Digit.Times(2) | Chars("1-9").Optional() + Digit, "octet");
        return builder.Add(octet + ("." + octet).Times(3), "ipv4");
    }

    /// <summary>
    /// Absolute and with a host; of the schemes not those that System.Uri reads in ways of their own, of which
    /// <c>file</c> is one.
    /// </summary>
    private static Expression Uri(GrammarBuilder builder)
    {
        Expression port = builder.Add(Any(IntegerDigits.Between(0, ushort.MaxValue)), "port");
        Expression character = builder.Add(Chars("a-zA-Z0-9._~!$&'()*+,;=:@/-") | "%" + Hex.Times(2), "uri-char");
        Expression scheme = Any(["http", "https", "ftp", "ftps", "ws", "wss", "ssh", "git", "redis", "amqp"]);
        return builder.Add(
            scheme + "://" + Host(builder) + (":" + port).Optional() +
            ("/" + character.Star()).Optional() + ("?" + character.Star()).Optional() + ("#" + character.Star()).Optional(),
            "uri");
    }

    private static Expression Base64(GrammarBuilder builder)
    {
        Expression digit = builder.Add(Chars("a-zA-Z0-9+/"), "base64-digit");
        Expression four = builder.Add(digit.Times(4), "base64-four");
        // The bits that padding cuts off are zero.
        return builder.Add(
            four.Star() + (digit + Chars("AQgw") + "==" | digit + digit + Chars("AEIMQUYcgkosw048") + "=").Optional(), "base64");
    }
}
