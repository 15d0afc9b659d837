using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A place in JSON and the schemas that must hold there, as alternatives. Nodes lead to nodes, in circles where a schema is recursive.</summary>
internal sealed class SchemaNode(IReadOnlyList<SchemaLocation> schemas)
{
    private Refusal? _ownRefusal;

    public string Pointer => schemas.Count == 0 ? "#" : schemas[0].Pointer;

    /// <summary>Whether it is said outright that there is no such value.</summary>
    public bool IsForbidden => schemas.Any(schema => schema.Element.ValueKind == JsonValueKind.False);

    public IReadOnlyList<SchemaVariant> Variants { get; private set; } = [];

    /// <summary>Why nothing satisfies the schemas, or null. Until something is found that does, it is assumed that nothing will.</summary>
    public Refusal? Refusal { get; private set; } = new("#", "");

    public void Read(SchemaGraph graph, SchemaFlattener flattener, SchemaLog log)
    {
        FlatSchema flat = flattener.Flatten(schemas);
        string pointer = Pointer;
        Variants = [.. flat.Alternatives.Select(alternative => new SchemaVariant(alternative, pointer, graph, log))];
        _ownRefusal = Variants.Count == 0 ? flat.Refusal : null;
        Refusal = _ownRefusal ?? new(pointer, "it requires itself, without end");
    }

    /// <summary>The nodes that this one leads to.</summary>
    public IEnumerable<SchemaNode> Next() => Variants.SelectMany(variant =>
        (variant.Object is { } shape ? shape.Properties.Select(property => property.Node).Concat(shape.Additional) : [])
        .Concat(variant.Array is { } items ? items.First.Append(items.Rest) : []));

    /// <summary>Looks whether something satisfies the schemas, by what is known of the nodes that this one leads to.</summary>
    /// <returns>Whether that is new.</returns>
    public bool FindSatisfiable()
    {
        if (Refusal is null || _ownRefusal is not null)
        {
            return false;
        }

        Refusal? refusal = null;
        foreach (SchemaVariant variant in Variants)
        {
            if (variant.Refuse() is not { } reason)
            {
                Refusal = null;
                return true;
            }

            refusal ??= reason;
        }

        Refusal = refusal;
        return false;
    }

    /// <summary>If nothing is found to satisfy the schemas, makes do with shorter arrays.</summary>
    public void Shorten()
    {
        foreach (SchemaVariant variant in Refusal is null ? [] : Variants)
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
