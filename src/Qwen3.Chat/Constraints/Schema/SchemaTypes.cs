using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>The types of JSON values. A number is an integer or a fraction.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    String = 16,
    Array = 32,
    Object = 64,
    Number = Integer | Fraction,
    Any = Null | Boolean | Number | String | Array | Object,
}

/// <summary>Which types of values a schema is about.</summary>
internal static class SchemaTypes
{
    // Names of other languages and of OpenAPI's formats, which people write as well.
    private static readonly Dictionary<string, JsonTypes> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["null"] = JsonTypes.Null, ["none"] = JsonTypes.Null, ["boolean"] = JsonTypes.Boolean, ["bool"] = JsonTypes.Boolean,
        ["integer"] = JsonTypes.Integer, ["int"] = JsonTypes.Integer, ["int32"] = JsonTypes.Integer, ["int64"] = JsonTypes.Integer,
        ["long"] = JsonTypes.Integer, ["short"] = JsonTypes.Integer, ["number"] = JsonTypes.Number, ["float"] = JsonTypes.Number,
        ["double"] = JsonTypes.Number, ["decimal"] = JsonTypes.Number, ["string"] = JsonTypes.String, ["str"] = JsonTypes.String,
        ["text"] = JsonTypes.String, ["array"] = JsonTypes.Array, ["list"] = JsonTypes.Array, ["object"] = JsonTypes.Object,
        ["dict"] = JsonTypes.Object, ["map"] = JsonTypes.Object,
    };

    /// <summary>The value null.</summary>
    public static JsonElement Null { get; } = JsonElement.Parse("null");

    /// <summary>
    /// The types that <c>type</c> allows, or null where there is none or it says nothing that is understood.
    /// </summary>
    public static JsonTypes? Declared(JsonElement schema)
    {
        JsonTypes?[] types = [.. Names(schema).Select(Named)];
        return types.Length == 0 || types.Contains(null) ? null : types.Aggregate(JsonTypes.None, (all, one) => all | one!.Value);
    }

    /// <summary>Whether <c>type</c> has a name that is none.</summary>
    public static bool HasUnknown(JsonElement schema) => Names(schema).Any(name => Named(name) is null && !IsAny(name));

    /// <summary>Whether null is allowed beside all else, as OpenAPI 3.0 says it.</summary>
    public static bool IsNullable(JsonElement schema) =>
        schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.ValueKind == JsonValueKind.True;

    /// <summary>The types that a schema's keywords are about, none where they are about none in particular.</summary>
    public static JsonTypes Implied(SchemaLocation schema)
    {
        var types = JsonTypes.None;
        foreach ((string name, SchemaLocation keyword) in schema.Members)
        {
            types |= keyword.Element.ValueKind == JsonValueKind.Null ? JsonTypes.None : name switch
            {
                "properties" or "required" or "additionalProperties" or "patternProperties" or "propertyNames" or "minProperties" or
                    "maxProperties" or "dependentRequired" or "dependentSchemas" or "unevaluatedProperties" => JsonTypes.Object,
                "items" or "prefixItems" or "additionalItems" or "minItems" or "maxItems" or "uniqueItems" or "contains" or
                    "unevaluatedItems" => JsonTypes.Array,
                "minLength" or "maxLength" or "pattern" or "contentEncoding" => JsonTypes.String,
                "format" when keyword.Element.ValueKind == JsonValueKind.String =>
                    NumberFacts.TypesOf(keyword.Element.GetString()!) is > 0 and var number ? number : JsonTypes.String,
                "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf" => JsonTypes.Number,
                _ => JsonTypes.None,
            };
        }

        return types;
    }

    /// <summary>The type of a value.</summary>
    public static JsonTypes Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => EnumValues.IsInteger(value) ? JsonTypes.Integer : JsonTypes.Fraction,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };

    private static IEnumerable<JsonElement> Names(JsonElement schema) =>
        !schema.TryGetKeyword("type", out JsonElement type) ? [] : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : [type];

    private static JsonTypes? Named(JsonElement name) => name.ValueKind switch
    {
        JsonValueKind.String => s_names.TryGetValue(name.GetString()!, out JsonTypes types) ? types : null,
        JsonValueKind.Null => JsonTypes.Null,
        _ => null,
    };

    private static bool IsAny(JsonElement name) => name.ValueKind == JsonValueKind.String && "any".Equals(name.GetString(), StringComparison.OrdinalIgnoreCase);
}
