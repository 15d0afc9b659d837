using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the JSON of a call as models write it, the ways included in which they get it wrong.</summary>
internal static class ToolCallJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true };

    public static bool TryRead(string json, [NotNullWhen(true)] out FunctionCallContent? call)
    {
        call = null;
        if (!TryParse(json, out JsonElement root) || root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (root.TryGetProperty("function", out JsonElement function) && function.ValueKind == JsonValueKind.Object)
        {
            root = function;
        }

        if (!root.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || name.GetString() is not { Length: > 0 } nameText)
        {
            return false;
        }

        if (!root.TryGetProperty("arguments", out JsonElement arguments))
        {
            root.TryGetProperty("parameters", out arguments);
        }

        if (arguments.ValueKind == JsonValueKind.String && arguments.GetString() is { } text)
        {
            arguments = default;
            if (!string.IsNullOrWhiteSpace(text) && !TryParse(text, out arguments))
            {
                return false;
            }
        }

        if (arguments.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined))
        {
            return false;
        }

        var members = new Dictionary<string, object?>();
        foreach (JsonProperty member in arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject() : default)
        {
            members[member.Name] = member.Value;
        }

        call = new($"call_{Guid.NewGuid():N}", nameText, members);
        return true;
    }

    // Half of a surrogate pair, escaped, is JSON but no string, so that reading it would throw later: such text is mended first.
    private static bool TryParse(string json, out JsonElement element) =>
        (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase) && TryParseStrictly(json, out element)) || TryParseStrictly(Mend(json), out element);

    private static bool TryParseStrictly(string json, out JsonElement element)
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
