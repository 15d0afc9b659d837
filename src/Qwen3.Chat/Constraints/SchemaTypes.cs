using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>Which types of values a schema is about.</summary>
internal static class SchemaTypes
{
    /// <summary>The types that <c>type</c> allows, all where there is none.</summary>
    public static JsonTypes Declared(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return JsonTypes.Any;
        }

        JsonTypes types = type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Aggregate(JsonTypes.None, (all, one) => all | Named(one))
            : Named(type);
        // OpenAPI 3.0 has no other way to say it.
        return schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.ValueKind == JsonValueKind.True ? types | JsonTypes.Null : types;
    }

    /// <summary>The types that a schema's keywords are about, none where they are about none in particular.</summary>
    public static JsonTypes Implied(JsonElement schema)
    {
        var types = JsonTypes.None;
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            types |= keyword.Name switch
            {
                "properties" or "required" or "additionalProperties" or "patternProperties" or "propertyNames" or "minProperties" or
                    "maxProperties" or "dependentRequired" or "dependentSchemas" or "unevaluatedProperties" => JsonTypes.Object,
                "items" or "prefixItems" or "additionalItems" or "minItems" or "maxItems" or "uniqueItems" or "contains" or
                    "unevaluatedItems" => JsonTypes.Array,
                "minLength" or "maxLength" or "pattern" or "contentEncoding" => JsonTypes.String,
                "format" when keyword.Value.ValueKind == JsonValueKind.String =>
                    NumberFacts.TypesOf(keyword.Value.GetString()!) is > 0 and var number ? number : JsonTypes.String,
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

    private static JsonTypes Named(JsonElement name) => (name.ValueKind == JsonValueKind.String ? name.GetString() : null) switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "integer" => JsonTypes.Integer,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "array" => JsonTypes.Array,
        "object" => JsonTypes.Object,
        _ => throw new ArgumentException(
            $"The schema has the type {name.GetRawText()}: a type is null, boolean, integer, number, string, array or object, or an array of these.", "schema"),
    };
}
