using System.Runtime.InteropServices;
using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>Compares values as JSON schema does: 1.0 is 1, escapes are what they mean, and the order of members is nothing.</summary>
internal sealed class JsonValueComparer : IEqualityComparer<JsonElement>
{
    public static JsonValueComparer Instance { get; } = new();

    public bool Equals(JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y);

    public int GetHashCode(JsonElement obj) => obj.ValueKind switch
    {
        JsonValueKind.String => obj.GetString()!.GetHashCode(StringComparison.Ordinal),
        // Numbers that decimal does not hold exactly are told apart by how they are written, or many could have one hash.
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
