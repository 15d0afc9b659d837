using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>Why no JSON satisfies a schema.</summary>
/// <param name="Pointer">The place in the schema.</param>
/// <param name="Reason">What is the matter there.</param>
internal sealed record SchemaConflict(string Pointer, string Reason);

/// <summary>
/// A place in JSON and the schemas that must hold there, as alternatives. Nodes lead to nodes, in circles where a
/// schema is recursive.
/// </summary>
internal sealed class SchemaNode(IReadOnlyList<SchemaLocation> schemas)
{
    private SchemaConflict? _ownConflict;

    public string Pointer => schemas.Count == 0 ? "#" : schemas[0].Pointer;

    /// <summary>Whether it is said outright that there is no such value.</summary>
    public bool IsForbidden => schemas.Any(schema => schema.Element.ValueKind == JsonValueKind.False);

    public IReadOnlyList<SchemaVariant> Variants { get; private set; } = [];

    /// <summary>
    /// Why nothing satisfies the schemas, or null. Until something is found that does, it is assumed that nothing will.
    /// </summary>
    public SchemaConflict? Conflict { get; private set; } = new("#", "");

    public void Read(SchemaGraph graph, SchemaFlattener flattener, SchemaLog log)
    {
        FlatSchema flat = flattener.Flatten(schemas);
        string pointer = Pointer;
        Variants = [.. flat.Alternatives.Select(alternative => new SchemaVariant(alternative, pointer, graph, log))];
        _ownConflict = Variants.Count == 0 ? flat.Conflict : null;
        Conflict = _ownConflict ?? new(pointer, "it requires itself, without end");
    }

    /// <summary>The nodes that this one leads to.</summary>
    public IEnumerable<SchemaNode> Next() => Variants.SelectMany(variant =>
        (variant.Object is { } shape ? shape.Properties.Select(property => property.Node).Concat(shape.Additional) : [])
        .Concat(variant.Array is { } items ? items.First.Append(items.Rest) : []));

    /// <summary>
    /// Looks whether something satisfies the schemas, by what is known of the nodes that this one leads to.
    /// </summary>
    /// <returns>Whether that is new.</returns>
    public bool FindSatisfiable()
    {
        if (Conflict is null || _ownConflict is not null)
        {
            return false;
        }

        SchemaConflict? conflict = null;
        foreach (SchemaVariant variant in Variants)
        {
            if (variant.FindConflict() is not { } reason)
            {
                Conflict = null;
                return true;
            }

            conflict ??= reason;
        }

        Conflict = conflict;
        return false;
    }

    /// <summary>If nothing is found to satisfy the schemas, makes do with shorter arrays.</summary>
    public void Shorten()
    {
        foreach (SchemaVariant variant in Conflict is null ? [] : Variants)
        {
            variant.Array?.Shorten();
        }
    }

    public void FilterValues()
    {
        foreach (SchemaVariant variant in Variants)
        {
            variant.FilterValues();
        }
    }

    public bool Allows(JsonElement value) => Variants.Any(variant => variant.Allows(value));
}
