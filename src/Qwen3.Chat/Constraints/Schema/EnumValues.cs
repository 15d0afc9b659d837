using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>The values of <c>enum</c> and <c>const</c>.</summary>
internal static class EnumValues
{
    /// <summary>The values that a schema's own keywords list, or null where they list none.</summary>
    public static List<JsonElement>? Of(JsonElement schema)
    {
        List<JsonElement>? values = schema.TryGetProperty("enum", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : null;
        return schema.TryGetProperty("const", out JsonElement value) ? values is null ? [value] : Intersect(values, [value]) : values;
    }

    public static List<JsonElement> Intersect(List<JsonElement> first, List<JsonElement> second) => first.FindAll(ToSet(second).Contains);

    /// <summary>Values to look others up in.</summary>
    public static HashSet<JsonElement> ToSet(List<JsonElement> values) => new(values, JsonValueComparer.Instance);

    public static bool IsInteger(JsonElement number) => NumberFacts.TryRead(number, out decimal value) && decimal.IsInteger(value);

    /// <summary>A value as an expression, with space where JSON may have it.</summary>
    public static Expression ToExpression(JsonElement value, JsonRules json)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return "{" + json.Space + Join(value.EnumerateObject().Select(member => ToMember(member, json)), json) + "}";
            case JsonValueKind.Array:
                return "[" + json.Space + Join(value.EnumerateArray().Select(item => ToExpression(item, json)), json) + "]";
            case JsonValueKind.String:
                return Quote(value.GetString()!);
            case JsonValueKind.Number when NumberFacts.TryRead(value, out decimal number) && decimal.IsInteger(number):
                // An integer without a point: 3.0 does not bind to int.
                return number.ToString("0", CultureInfo.InvariantCulture);
            default:
                return value.GetRawText();
        }
    }

    /// <summary>A text as a JSON string, with no more escapes than must be.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' or '\x7F' => $"\\u{(int)character:X4}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static Expression ToMember(JsonProperty member, JsonRules json) => json.Member(Quote(member.Name), ToExpression(member.Value, json));

    private static Expression Join(IEnumerable<Expression> parts, JsonRules json)
    {
        Expression joined = Expression.Sequence(parts.SelectMany((part, i) => i == 0 ? (Expression[])[part] : [json.Comma, part]));
        return joined.IsEmpty ? joined : joined + json.Space;
    }
}

/// <summary>
/// Compares values as JSON schema does: 1.0 is 1, escapes are what they mean, and the order of members is nothing.
/// </summary>
internal sealed class JsonValueComparer : IEqualityComparer<JsonElement>
{
    public static JsonValueComparer Instance { get; } = new();

    public bool Equals(JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y);

    public int GetHashCode(JsonElement obj) => obj.ValueKind switch
    {
        JsonValueKind.String => obj.GetString()!.GetHashCode(StringComparison.Ordinal),
        // Numbers that decimal does not hold exactly are told apart by how they are written, or many could have one
        // hash.
        JsonValueKind.Number => HashNumber(obj),
        JsonValueKind.Array => obj.EnumerateArray().Aggregate(1, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JsonValueKind.Object => obj.EnumerateObject().Aggregate(
            2, (hash, member) => unchecked(hash + HashCode.Combine(member.Name.GetHashCode(StringComparison.Ordinal), GetHashCode(member.Value)))),
        _ => (int)obj.ValueKind,
    };

    private static int HashNumber(JsonElement number)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(number);
        if (text.Length <= 25 && NumberFacts.TryRead(number, out decimal value))
        {
            return value.GetHashCode();
        }

        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode();
    }
}
