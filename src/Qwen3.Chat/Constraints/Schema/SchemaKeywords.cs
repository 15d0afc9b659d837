using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// The keywords that are not compiled: those that only describe, and those that no grammar of a fair size enforces.
/// </summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> s_annotations =
    [
        "title", "description", "default", "example", "examples", "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "$vocabulary",
        "deprecated", "readOnly", "writeOnly", "contentMediaType", "discriminator", "externalDocs", "xml",
    ];

    private static readonly HashSet<string> s_unenforced =
    [
        "uniqueItems", "contains", "minContains", "maxContains",
        "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "if",
        "not", "minProperties", "maxProperties", "unevaluatedProperties", "unevaluatedItems", "contentSchema", "$dynamicRef", "$recursiveRef",
    ];

    /// <summary>Reads a keyword. One that is null says nothing: so some writers leave keywords out.</summary>
    public static bool TryGetKeyword(this JsonElement schema, string name, out JsonElement value) =>
        schema.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>
    /// Whether a keyword is about which values there are, beside a reference. Of those that are null, only <c>const</c>
    /// is.
    /// </summary>
    public static bool IsAssertion(SchemaLocation keyword) =>
        !s_annotations.Contains(keyword.Token) && (keyword.Element.ValueKind != JsonValueKind.Null || keyword.Token == "const");

    /// <summary>Logs the keywords of a schema that say something which the grammar leaves out.</summary>
    public static void LogUnenforced(SchemaLocation schema, SchemaLog log)
    {
        foreach (SchemaLocation keyword in schema.Members.Values)
        {
            if (s_unenforced.Contains(keyword.Token) && !SaysNothing(keyword))
            {
                log.Unenforced(keyword.Token, schema);
            }
        }

        if (SchemaTypes.HasUnknown(schema.Element))
        {
            log.Unenforced("type", schema);
        }
    }

    private static bool SaysNothing(SchemaLocation keyword) => keyword.Element.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.False => keyword.Token is "uniqueItems" or "not",
        JsonValueKind.True => keyword.Token is "propertyNames" or "unevaluatedProperties" or "unevaluatedItems",
        JsonValueKind.Object => keyword.Token is not ("contains" or "if") && keyword.Count == 0,
        JsonValueKind.Number => keyword.Token == "minProperties" && keyword.Element.GetRawText() == "0",
        _ => false,
    };
}
