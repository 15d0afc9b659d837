using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A schema taken apart.</summary>
/// <param name="Alternatives">
/// The choices: lists of schemas whose own keywords must all hold. None where nothing satisfies the schema.
/// </param>
/// <param name="Conflict">Why a choice fell out, the first time.</param>
internal sealed record FlatSchema(List<List<SchemaLocation>> Alternatives, SchemaConflict? Conflict);

/// <summary>
/// Takes a conjunction of schemas apart: what is referred to and <c>allOf</c> join it, and each choice of <c>anyOf</c>
/// and <c>oneOf</c> is an alternative of its own, a list of schemas whose own keywords must all hold.
/// </summary>
internal sealed class SchemaFlattener(SchemaDocument document, SchemaLog log)
{
    // More combinations than these make no grammar that a model could be held to.
    private const int ProductLimit = 256;

    // Choices of choices double from one to the next: this bounds the schemas in all the alternatives ever made.
    private const int WorkLimit = 500_000;

    private readonly Dictionary<SchemaLocation, FlatSchema> _known = [];
    private readonly Dictionary<SchemaLocation, int> _open = [];
    private int _outermostReentered = int.MaxValue;
    private SchemaConflict? _conflict;
    private int _work;

    public FlatSchema Flatten(IEnumerable<SchemaLocation> schemas)
    {
        _conflict = null;
        List<List<SchemaLocation>> alternatives = [[]];
        foreach (SchemaLocation schema in schemas)
        {
            alternatives = Multiply(alternatives, Flatten(schema), schema, "anyOf");
        }

        return new(alternatives, _conflict);
    }

    private List<List<SchemaLocation>> Flatten(SchemaLocation schema)
    {
        if (_known.TryGetValue(schema, out FlatSchema? known))
        {
            _conflict ??= known.Conflict;
            return known.Alternatives;
        }

        Spend(1, schema);
        if (_open.TryGetValue(schema, out int level))
        {
            _outermostReentered = int.Min(_outermostReentered, level);
            return FindConflict(schema, "it refers to itself");
        }

        if (_open.Count == SchemaDocument.DepthLimit)
        {
            throw new ArgumentException(
                $"The schema's references nest more than {SchemaDocument.DepthLimit} levels deep at {schema.Pointer}: make it flatter.", "schema");
        }

        (SchemaConflict? conflict, _conflict) = (_conflict, null);
        (int reentered, _outermostReentered) = (_outermostReentered, int.MaxValue);
        level = _open.Count;
        _open.Add(schema, level);
        List<List<SchemaLocation>> alternatives = Read(schema);
        _open.Remove(schema);
        if (_outermostReentered >= level)
        {
            // Nothing was cut short for the sake of a schema around this one: it is the same everywhere.
            _known.Add(schema, new(alternatives, _conflict));
            _outermostReentered = int.MaxValue;
        }

        _outermostReentered = int.Min(_outermostReentered, reentered);
        _conflict = conflict ?? _conflict;
        return alternatives;
    }

    private List<List<SchemaLocation>> Read(SchemaLocation schema)
    {
        switch (schema.Element.ValueKind)
        {
            case JsonValueKind.True:
                return [[]];
            case JsonValueKind.False:
                return FindConflict(schema, "it is false, which allows nothing");
            case JsonValueKind.Null:
                return [[]];
            case not JsonValueKind.Object:
                log.NoSchema(schema);
                return [[]];
        }

        if (schema.Find("not") is { Element.ValueKind: JsonValueKind.True } or { Element.ValueKind: JsonValueKind.Object, Count: 0 })
        {
            return FindConflict(schema, "'not' allows nothing");
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
                alternatives = Multiply(alternatives, Union(branches, schema), schema, keyword);
            }

            if (keyword == "oneOf" && !Disjointness.IsEvident(schema, branches))
            {
                log.Unenforced(keyword, schema);
            }
        }

        if (SchemaTypes.IsNullable(schema.Element))
        {
            alternatives.Add([schema.Null]);
        }

        return alternatives;
    }

    private IEnumerable<SchemaLocation> Parts(SchemaLocation schema, string keyword) =>
        schema.Find(keyword)?.Items.Select(document.Resolve) ?? [];

    /// <summary>The alternatives of all the branches, of equal ones the first.</summary>
    private List<List<SchemaLocation>> Union(SchemaLocation[] branches, SchemaLocation schema)
    {
        var alternatives = new List<List<SchemaLocation>>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (List<SchemaLocation> alternative in branches.SelectMany(Flatten))
        {
            Spend(1 + alternative.Count, schema);
            if (known.Add(string.Join(',', alternative.Select(location => location.Id).Order())))
            {
                alternatives.Add(alternative);
            }
        }

        return alternatives;
    }

    private List<List<SchemaLocation>> Multiply(List<List<SchemaLocation>> first, List<List<SchemaLocation>> second, SchemaLocation schema, string keyword)
    {
        if (first.Count > 1 && second.Count > 1 && first.Count * second.Count > ProductLimit)
        {
            log.Unenforced(keyword, schema);
            return first;
        }

        var product = new List<List<SchemaLocation>>();
        foreach (List<SchemaLocation> left in first)
        {
            foreach (List<SchemaLocation> right in second)
            {
                Spend(left.Count + right.Count, schema);
                product.Add([.. left.Union(right)]);
            }
        }

        return product;
    }

    private List<List<SchemaLocation>> FindConflict(SchemaLocation schema, string reason)
    {
        _conflict ??= new(schema.Pointer, reason);
        return [];
    }

    private void Spend(int work, SchemaLocation schema)
    {
        _work += work;
        schema.Spend(work);
        if (_work > WorkLimit)
        {
            throw new ArgumentException($"The schema has too many combinations of choices, at {schema.Pointer}: make it simpler.", "schema");
        }
    }
}
