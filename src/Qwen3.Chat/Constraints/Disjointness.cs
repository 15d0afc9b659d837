using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>Tells whether branches of <c>oneOf</c> plainly have no value in common, so that "one of" is the same as "any of".</summary>
internal static class Disjointness
{
    public static bool IsEvident(SchemaLocation parent, SchemaLocation[] branches)
    {
        HashSet<string> required = [.. Required(parent.Element)];
        for (int i = 0; i < branches.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!AreDisjoint(branches[i].Element, branches[j].Element, required))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool AreDisjoint(JsonElement first, JsonElement second, HashSet<string> required)
    {
        if (first.ValueKind != JsonValueKind.Object || second.ValueKind != JsonValueKind.Object)
        {
            return first.ValueKind == JsonValueKind.False || second.ValueKind == JsonValueKind.False;
        }

        return HaveDisjointValues(first, second) ||
            HaveDisjointTypes(first, second) ||
            Required(first).Union(required).Intersect(Required(second).Union(required)).Any(name =>
                Property(first, name) is { ValueKind: JsonValueKind.Object } left &&
                Property(second, name) is { ValueKind: JsonValueKind.Object } right &&
                (HaveDisjointValues(left, right) || HaveDisjointTypes(left, right)));
    }

    private static bool HaveDisjointValues(JsonElement first, JsonElement second) =>
        EnumValues.Of(first) is { } left && EnumValues.Of(second) is { } right &&
        !left.Any(value => right.Any(other => EnumValues.AreEqual(value, other)));

    private static bool HaveDisjointTypes(JsonElement first, JsonElement second) => (TypesOf(first) & TypesOf(second)) == 0;

    private static JsonTypes TypesOf(JsonElement schema) =>
        SchemaTypes.Declared(schema) & (EnumValues.Of(schema)?.Aggregate(JsonTypes.None, (types, value) => types | SchemaTypes.Of(value)) ?? JsonTypes.Any);

    private static JsonElement? Property(JsonElement schema, string name) =>
        schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object &&
        properties.TryGetProperty(name, out JsonElement property)
            ? property
            : null;

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array
            ? required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)
            : [];
}
