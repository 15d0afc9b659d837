using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// Takes a conjunction of schemas apart: what is referred to and <c>allOf</c> join it, and each choice of <c>anyOf</c> and <c>oneOf</c> is an
/// alternative of its own, a list of schemas whose own keywords must all hold.
/// </summary>
internal sealed class SchemaFlattener(SchemaDocument document, SchemaLog log)
{
    // More combinations than these make no grammar that a model could be held to.
    private const int ProductLimit = 256;

    private readonly HashSet<string> _open = [];

    /// <summary>Why an alternative fell out, the first time.</summary>
    public Refusal? Refusal { get; private set; }

    public List<List<SchemaLocation>> Flatten(IEnumerable<SchemaLocation> schemas)
    {
        List<List<SchemaLocation>> alternatives = [[]];
        foreach (SchemaLocation schema in schemas)
        {
            alternatives = Multiply(alternatives, Flatten(schema), schema, "anyOf");
        }

        return alternatives;
    }

    private List<List<SchemaLocation>> Flatten(SchemaLocation schema)
    {
        switch (schema.Element.ValueKind)
        {
            case JsonValueKind.True:
                return [[]];
            case JsonValueKind.False:
                return Refuse(schema, "it is false, which allows nothing");
            case not JsonValueKind.Object:
                throw new ArgumentException($"The schema has {schema.Element.ValueKind} at {schema.Pointer}: a schema is an object, true or false.", "schema");
        }

        if (schema.Element.TryGetProperty("not", out JsonElement not) &&
            (not.ValueKind == JsonValueKind.True || (not.ValueKind == JsonValueKind.Object && !not.EnumerateObject().Any())))
        {
            return Refuse(schema, "'not' allows nothing");
        }

        if (_open.Count == SchemaDocument.DepthLimit)
        {
            throw new ArgumentException(
                $"The schema's references nest more than {SchemaDocument.DepthLimit} levels deep at {schema.Pointer}: make it flatter.", "schema");
        }

        if (!_open.Add(schema.Pointer))
        {
            return Refuse(schema, "it refers to itself");
        }

        List<List<SchemaLocation>> alternatives = [[schema]];
        if (document.Reference(schema) is { } target)
        {
            alternatives = Multiply(alternatives, Flatten(target), schema, "$ref");
        }

        foreach (SchemaLocation part in Parts(schema, "allOf"))
        {
            alternatives = Multiply(alternatives, Flatten(part), schema, "allOf");
        }

        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            SchemaLocation[] branches = [.. Parts(schema, keyword)];
            if (branches.Length > 0)
            {
                alternatives = Multiply(alternatives, [.. branches.SelectMany(Flatten)], schema, keyword);
            }

            if (keyword == "oneOf" && !Disjointness.IsEvident(schema, [.. branches.Select(document.Resolve)]))
            {
                log.Unenforced(keyword, schema.Pointer);
            }
        }

        _open.Remove(schema.Pointer);
        return alternatives;
    }

    private static IEnumerable<SchemaLocation> Parts(SchemaLocation schema, string keyword) =>
        schema.Element.TryGetProperty(keyword, out JsonElement parts) && parts.ValueKind == JsonValueKind.Array
            ? parts.EnumerateArray().Select((part, index) => schema.At(keyword, $"{index}", part))
            : [];

    private List<List<SchemaLocation>> Multiply(List<List<SchemaLocation>> first, List<List<SchemaLocation>> second, SchemaLocation schema, string keyword)
    {
        if (first.Count > 1 && second.Count > 1 && first.Count * second.Count > ProductLimit)
        {
            log.Unenforced(keyword, schema.Pointer);
            return first;
        }

        return [.. first.SelectMany(left => second.Select(right => left.UnionBy(right, location => location.Pointer).ToList()))];
    }

    private List<List<SchemaLocation>> Refuse(SchemaLocation schema, string reason)
    {
        Refusal ??= new(schema.Pointer, reason);
        return [];
    }
}
