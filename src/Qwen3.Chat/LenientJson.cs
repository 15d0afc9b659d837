using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3.Chat;

/// <summary>
/// Reads JSON of models and tools that a JSON reader refuses, while parsing or when a string is read.
/// </summary>
internal static class LenientJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true };

    // For elements that were parsed with any options.
    private static readonly JsonDocumentOptions s_anyOptions =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 1_000 };

    // An escaped lone surrogate parses, but reading the string throws: it is repaired first.
    public static bool TryParse(string json, out JsonElement element) =>
        (!MayHaveLoneSurrogates(json) && TryParseStrictly(json, out element)) ||
            TryParseStrictly(Repair(json), out element);

    public static bool TryParseStrictly(string json, out JsonElement element)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            element = document.RootElement.Clone();
            return true;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            element = default;
            return false;
        }
    }

    /// <summary>Returns the element with strings that can all be read: lone surrogates become U+FFFD.</summary>
    public static JsonElement Readable(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String) ||
            element.GetRawText() is not { } json || !MayHaveLoneSurrogates(json))
        {
            return element;
        }

        using JsonDocument document = JsonDocument.Parse(Repair(json), s_anyOptions);
        return document.RootElement.Clone();
    }

    private static bool MayHaveLoneSurrogates(string json) => json.Contains("\\ud", StringComparison.OrdinalIgnoreCase);

    /// <summary>Inside strings, escapes control characters, and reads unknown escapes literally.</summary>
    private static string Repair(string json)
    {
        var repaired = new StringBuilder(json.Length + 16);
        bool isInString = false;
        for (int i = 0; i < json.Length; i++)
        {
            char c = json[i];
            if (c == '"')
            {
                isInString = !isInString;
                repaired.Append(c);
            }
            else if (isInString && c < ' ')
            {
                repaired.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else if (!isInString || c != '\\' || i + 1 == json.Length)
            {
                repaired.Append(c);
            }
            else if (json[i + 1] is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't')
            {
                repaired.Append(c).Append(json[++i]);
            }
            else if (TryReadUnicodeEscape(json, i, out char unit))
            {
                bool isPair = char.IsHighSurrogate(unit) &&
                    TryReadUnicodeEscape(json, i + 6, out char low) && char.IsLowSurrogate(low);
                repaired.Append(isPair || !char.IsSurrogate(unit) ? json.AsSpan(i, isPair ? 12 : 6) : "\\ufffd");
                i += isPair ? 11 : 5;
            }
            else if (json[i + 1] != '\'')
            {
                // \d, \w, C:\Users: a literal backslash. Other languages escape an apostrophe as \'.
                repaired.Append("\\\\");
            }
        }

        return repaired.ToString();
    }

    private static bool TryReadUnicodeEscape(string json, int start, out char unit)
    {
        unit = default;
        if (start + 6 > json.Length || json[start] != '\\' || json[start + 1] != 'u' ||
            !ushort.TryParse(
                json.AsSpan(start + 2, 4),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out ushort value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
