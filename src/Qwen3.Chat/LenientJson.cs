using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3.Chat;

/// <summary>Reads JSON that models and tools write and that a JSON reader refuses, at once or when a string is asked for.</summary>
internal static class LenientJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true };

    // Of what was parsed already, with whatever options.
    private static readonly JsonDocumentOptions s_anyOptions =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 1_000 };

    // Half of a surrogate pair, escaped, is JSON but no string, so that reading it would throw later: such text is mended first.
    public static bool TryParse(string json, out JsonElement element) =>
        (!MayHaveHalfPairs(json) && TryParseStrictly(json, out element)) || TryParseStrictly(Mend(json), out element);

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

    /// <summary>The same element with strings that can all be read.</summary>
    public static JsonElement Readable(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String) ||
            element.GetRawText() is not { } json || !MayHaveHalfPairs(json))
        {
            return element;
        }

        using JsonDocument document = JsonDocument.Parse(Mend(json), s_anyOptions);
        return document.RootElement.Clone();
    }

    private static bool MayHaveHalfPairs(string json) => json.Contains("\\ud", StringComparison.OrdinalIgnoreCase);

    /// <summary>Inside strings, escapes control characters as they should have been, and takes unknown escapes for what they spell.</summary>
    private static string Mend(string json)
    {
        var mended = new StringBuilder(json.Length + 16);
        bool isInString = false;
        for (int i = 0; i < json.Length; i++)
        {
            char c = json[i];
            if (c == '"')
            {
                isInString = !isInString;
                mended.Append(c);
            }
            else if (isInString && c < ' ')
            {
                mended.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else if (!isInString || c != '\\' || i + 1 == json.Length)
            {
                mended.Append(c);
            }
            else if (json[i + 1] is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't')
            {
                mended.Append(c).Append(json[++i]);
            }
            else if (TryReadUnicodeEscape(json, i, out char unit))
            {
                bool isPair = char.IsHighSurrogate(unit) && TryReadUnicodeEscape(json, i + 6, out char low) && char.IsLowSurrogate(low);
                mended.Append(isPair || !char.IsSurrogate(unit) ? json.AsSpan(i, isPair ? 12 : 6) : "\\ufffd");
                i += isPair ? 11 : 5;
            }
            else if (json[i + 1] != '\'')
            {
                // \d, \w, C:\Users: the backslash was meant; \' is how other languages write an apostrophe.
                mended.Append("\\\\");
            }
        }

        return mended.ToString();
    }

    private static bool TryReadUnicodeEscape(string json, int start, out char unit)
    {
        unit = default;
        if (start + 6 > json.Length || json[start] != '\\' || json[start + 1] != 'u' ||
            !ushort.TryParse(json.AsSpan(start + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
