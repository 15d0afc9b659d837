using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3.Remote;

/// <summary>Reads members of a server's JSON, whatever JSON types the server gives them.</summary>
internal static class WireJson
{
    /// <summary>
    /// Returns the first of the named members that is present and not null; an undefined element if there is none. Of a
    /// member that is present twice the last value that is not null counts.
    /// </summary>
    public static JsonElement Get(JsonElement parent, params ReadOnlySpan<string> names)
    {
        if (parent.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        foreach (string name in names)
        {
            JsonElement found = default;
            foreach (JsonProperty member in parent.EnumerateObject())
            {
                found = member.Value.ValueKind != JsonValueKind.Null && member.NameEquals(name) ? member.Value : found;
            }

            if (found.ValueKind != JsonValueKind.Undefined)
            {
                return found;
            }
        }

        return default;
    }

    /// <summary>Whether one of the named members is present and not null.</summary>
    public static bool Has(JsonElement parent, params ReadOnlySpan<string> names) =>
        Get(parent, names).ValueKind != JsonValueKind.Undefined;

    /// <summary>
    /// Returns the text of a string, a number or a Boolean; <see langword="null"/> for anything else, and for an empty
    /// string.
    /// </summary>
    public static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    /// <summary>Returns a number of tokens; <see langword="null"/> if the value is not one.</summary>
    public static long? Count(JsonElement value) =>
        Number(value) is { } number && number >= 0 && number < long.MaxValue ? (long)number : null;

    /// <summary>
    /// Returns a point in time: seconds or milliseconds since 1970 as a number or as text, or a date.
    /// </summary>
    public static DateTimeOffset? Time(JsonElement value)
    {
        if (Number(value) is { } number)
        {
            // The year 5138 in seconds, 1973 in milliseconds.
            double seconds = number > 100_000_000_000 ? number / 1000 : number;
            return seconds > 0 && seconds < 253_402_300_799
                ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds))
                : null;
        }

        return DateTimeOffset.TryParse(
            Scalar(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                ? time
                : null;
    }

    /// <summary>Returns the start of a text with control characters escaped, for an error message.</summary>
    public static string Quote(string text, int maxLength)
    {
        var quote = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, maxLength)))
        {
            // U+2028 and U+2029 end a line for some readers of logs; a lone surrogate cannot be written.
            _ = char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029'
                ? quote.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                : quote.Append(c);
        }

        return text.Length > maxLength ? quote.Append('…').ToString() : quote.ToString();
    }

    private static double? Number(JsonElement value)
    {
        double number = 0;
        bool isNumber = value.ValueKind == JsonValueKind.Number
            ? value.TryGetDouble(out number)
            : value.ValueKind == JsonValueKind.String &&
                double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return isNumber && double.IsFinite(number) ? number : null;
    }
}
