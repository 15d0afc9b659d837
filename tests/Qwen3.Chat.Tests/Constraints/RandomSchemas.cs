using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Qwen3.Chat.Tests.Constraints;

/// <summary>Random schemas, as text, of the keywords that a grammar enforces.</summary>
internal static class RandomSchemas
{
    private static readonly Gen<string> s_name = Gen.OneOf("a", "b", "ab", "abc", "name", "$type", "ä", "q\"\\");

    private static readonly Gen<string> s_pattern = Gen.OneOf(
        "^[a-z]+$", "^[A-Z]{2}-[0-9]{1,3}$", "x", "^a|b$", "^(yes|no)?$", "\\d{2}", "^\\S+@\\S+$", "^[^\"\\\\]*$",
        "^\\w+(\\.\\w+)*$", "^.{0,3}$", "\\W", "^(a*b?)*$");

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "7", "2.50", "1e2", "\"a\"", "\"b\"", "\"\"", "\"ü\\n\\\"\"", "[]", "[1,\"a\"]", "{}", "{\"a\":1}", "{\"b\":{\"a\":[]}}",
    ];

    private static readonly Gen<string> s_value = Gen.OneOf(s_values);

    private static readonly Gen<string> s_bound = Gen.OneOf(
        Gen.Int[-20, 120].Select(value => $"{value}"),
        Gen.OneOf("0", "0.5", "-1.25", "1e2", "99.99", "-1000", "12345", "3.0", "0.001"));

    private static readonly HashSet<string> s_nulled = ["type", "minLength", "maximum", "items", "additionalProperties"];

    // An email address is less to the validator than to the draft.
    private static readonly Gen<string> s_format = Gen.OneOf("date", "date-time", "uuid", "ipv4", "uri").Select(format => $"\"{format}\"");

    private static readonly Gen<string> s_small = Gen.OneOf("0", "1", "2", "3", "2.0", "5");

    // Where references may lead: to the whole, and to two definitions, which may refer to each other.
    private static readonly Gen<string> s_reference = Gen.OneOf("#", "#/$defs/x", "#/$defs/y~1z");

    public static Gen<string> Documents { get; } = Gen.Select(Schema(3), Schema(2), Schema(1), (root, x, y) =>
        root.StartsWith('{') && root.Length > 2 ? $"{root[..^1]},\"$defs\":{{\"x\":{x},\"y/z\":{y}}}}}" : root)
        .Where(schema => !schema.Contains("$ref") || schema.Contains("$defs\":"));

    /// <summary>Values to try out.</summary>
    public static IEnumerable<string> Values => s_values.Concat(
        ["false", "50", "[[]]", "[\"x\"]", "[null,1,{}]", "{\"name\":\"x\"}", "{\"a\":true,\"ab\":\"\"}"]);

    /// <summary>
    /// Whether a schema refers to itself with nothing of the value between, which most validators do not survive.
    /// </summary>
    public static bool IsCircular(JsonElement schema)
    {
        var leads = new Dictionary<string, HashSet<string>> { ["#"] = [.. InPlace(schema)] };
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$defs", out JsonElement definitions))
        {
            leads["#/$defs/x"] = [.. InPlace(definitions.GetProperty("x"))];
            leads["#/$defs/y~1z"] = [.. InPlace(definitions.GetProperty("y/z"))];
        }

        for (int step = 0; step < leads.Count; step++)
        {
            foreach (HashSet<string> targets in leads.Values)
            {
                targets.UnionWith([.. targets.SelectMany(target => leads[target])]);
            }
        }

        return leads.Any(lead => lead.Value.Contains(lead.Key));
    }

    /// <summary>Whether an object's properties are told somewhere, and not that it is one.</summary>
    public static bool HasUntyped(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => (schema.TryGetProperty("properties", out _) && !schema.TryGetProperty("type", out _)) ||
            schema.EnumerateObject().Any(member => HasUntyped(member.Value)),
        JsonValueKind.Array => schema.EnumerateArray().Any(HasUntyped),
        _ => false,
    };

    /// <summary>The schema in the words of the draft: without keywords that are null and without OpenAPI's.</summary>
    public static JsonNode? InPlainWords(JsonNode? schema)
    {
        switch (schema)
        {
            case JsonArray items:
                return new JsonArray([.. items.Select(InPlainWords)]);
            case JsonObject members:
                var plain = new JsonObject(members
                    .Where(member => member.Key is not ("nullable" or "$defs") && (member.Value is not null || !s_nulled.Contains(member.Key)))
                    .Select(member => KeyValuePair.Create(
                        member.Key, member.Key is "const" or "enum" ? member.Value?.DeepClone() : InPlainWords(member.Value))));
                JsonObject whole = members["nullable"] is JsonValue ? new() { ["anyOf"] = new JsonArray(plain, new JsonObject { ["type"] = "null" }) } : plain;
                if (members["$defs"] is { } definitions)
                {
                    whole["$defs"] = InPlainWords(definitions);
                }

                return whole;
            default:
                return schema?.DeepClone();
        }
    }

    private static IEnumerable<string> InPlace(JsonElement schema) => schema.ValueKind != JsonValueKind.Object
        ? []
        : schema.EnumerateObject().SelectMany(keyword => keyword.Name switch
        {
            "$ref" => [keyword.Value.GetString()!],
            "anyOf" or "allOf" or "oneOf" => keyword.Value.EnumerateArray().SelectMany(InPlace),
            _ => [],
        });

    private static Gen<string> Schema(int depth) => depth == 0
        ? Gen.OneOf(Leaf(), Leaf(), Gen.OneOf("true", "{}", "false"))
        : Gen.Frequency(
            (5, Leaf()), (5, Object(depth)), (3, Array(depth)), (3, Combination(depth)), (2, Reference(depth)), (1, Gen.OneOf("true", "{}", "false")));

    private static Gen<string> Leaf() => Gen.OneOf(
        Gen.OneOf("\"null\"", "\"boolean\"", "\"string\"", "\"integer\"", "\"number\"").Select(type => $"{{\"type\":{type}}}"),
        Gen.OneOf("[\"string\",\"null\"]", "[\"integer\",\"string\"]", "[\"number\",\"boolean\"]").Select(type => $"{{\"type\":{type}}}"),
        Keywords(Gen.OneOf("string"), Optional("minLength", s_small), Optional("maxLength", s_small)),
        Keywords(Gen.OneOf("string"), Optional("pattern", s_pattern.Select(pattern => JsonSerializer.Serialize(pattern)))),
        Keywords(Gen.OneOf("string"), Optional("format", s_format)),
        Keywords(Gen.OneOf("integer", "number"), Optional("minimum", s_bound), Optional("maximum", s_bound)),
        Keywords(Gen.OneOf("integer", "number"), Optional("exclusiveMinimum", s_bound), Optional("exclusiveMaximum", s_bound)),
        Keywords(Gen.OneOf("number"), Optional("multipleOf", Gen.OneOf("1", "0.1", "0.01")), Optional("minimum", s_bound)),
        Gen.OneOf(
            """{"type":"string","nullable":true}""", """{"type":"integer","nullable":true,"enum":[1,2]}""", """{"nullable":true,"const":"a"}""",
            """{"type":"string","minLength":null,"items":null}""", """{"type":null,"maximum":null,"const":1}"""),
        s_value.Array[1, 4].Select(values => $"{{\"enum\":[{string.Join(",", values)}]}}"),
        s_value.Select(value => $"{{\"const\":{value}}}"));

    private static Gen<string> Object(int depth) => Gen.Select(
        Gen.Select(s_name, Gen.Frequency((12, Schema(depth - 1)), (1, Embedded()))).Array[0, 4],
        s_name.Array[0, 2],
        Optional("additionalProperties", Gen.OneOf(Gen.OneOf("true", "false", "null"), Schema(depth - 1))),
        Gen.OneOf("\"type\":\"object\"", "\"type\":\"object\"", "\"type\":\"object\",\"nullable\":true", "\"type\":[\"object\",\"null\"]", ""),
        (properties, required, additional, type) => Braces(
            type,
            $"\"properties\":{{{string.Join(",", properties.DistinctBy(property => property.Item1).Select(Member))}}}",
            required.Length == 0 ? "" : $"\"required\":{JsonSerializer.Serialize(required.Distinct())}",
            additional));

    private static string Member((string Name, string Schema) property) => $"{JsonSerializer.Serialize(property.Name)}:{property.Schema}";

    /// <summary>A schema that is a document of its own, to which its references belong.</summary>
    private static Gen<string> Embedded() => Gen.Select(Gen.Int[1, int.MaxValue], Leaf(), (number, leaf) => $$"""
        {"$id":"https://example.org/{{number}}","type":"object",
         "properties":{"a":{{leaf}},"b":{"$ref":"#/properties/a"},"c":{"$ref":"#"} },"required":["b"]}
        """);

    private static Gen<string> Array(int depth) => Gen.Select(
        Optional("items", Schema(depth - 1)),
        Optional("prefixItems", Schema(depth - 1).Array[1, 3].Select(items => $"[{string.Join(",", items)}]")),
        Optional("minItems", s_small),
        Optional("maxItems", s_small),
        (items, prefix, min, max) => Braces("\"type\":\"array\"", items, prefix, min, max));

    private static Gen<string> Combination(int depth) => Gen.Select(
        Gen.OneOf(Schema(depth - 1), Object(depth)),
        Gen.OneOf("anyOf", "allOf", "anyOf", "oneOf"),
        Schema(depth - 1).Array[1, 3],
        (schema, keyword, parts) => schema.StartsWith('{') ? Braces(schema[1..^1], $"\"{keyword}\":[{string.Join(",", parts)}]") : schema)
        .Where(HasNoKeywordTwice);

    private static Gen<string> Reference(int depth) => Gen.Select(s_reference, Schema(depth - 1), Gen.Bool, (reference, schema, isAlone) =>
        isAlone || !schema.StartsWith('{') ? $"{{\"$ref\":\"{reference}\"}}" : Braces($"\"$ref\":\"{reference}\"", schema[1..^1]))
        .Where(HasNoKeywordTwice);

    private static Gen<string> Keywords(Gen<string> type, Gen<string> first, params Gen<string>[] second) => second is [var other]
        ? Gen.Select(type, first, other, (name, left, right) => Braces($"\"type\":\"{name}\"", left, right))
        : Gen.Select(type, first, (name, left) => Braces($"\"type\":\"{name}\"", left));

    private static Gen<string> Optional(string keyword, Gen<string> value) =>
        Gen.Select(Gen.Bool, value, (isThere, text) => isThere ? $"\"{keyword}\":{text}" : "");

    private static string Braces(params string[] members) => $"{{{string.Join(",", members.Where(member => member.Length > 0))}}}";

    private static bool HasNoKeywordTwice(string schema) =>
        JsonDocument.Parse(schema).RootElement is { ValueKind: not JsonValueKind.Object } ||
        JsonDocument.Parse(schema).RootElement.EnumerateObject().GroupBy(member => member.Name).All(group => group.Count() == 1);
}
