using Qwen3.Chat.Constraints.Patterns;

namespace Qwen3.Chat.Constraints;

/// <summary>The nodes of a schema: one for each set of schemas that meet in a place, found from the root on.</summary>
internal sealed class SchemaGraph
{
    // Schemas that meet in many ways multiply.
    private const int PartLimit = 10_000;

    private readonly SchemaDocument _document;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<SchemaNode> _inOrder = [];

    /// <exception cref="ArgumentException">The schema is none, or too large, or nothing satisfies it.</exception>
    public SchemaGraph(SchemaDocument document, SchemaLog log)
    {
        _document = document;
        Root = Node([document.Root]);
        // Reading a node finds others. There is no recursion, so that a long chain of them does no harm.
        var flattener = new SchemaFlattener(document, log);
        int parts = 0;
        for (int i = 0; i < _inOrder.Count; i++)
        {
            SchemaNode node = _inOrder[i];
            node.Read(this, flattener, log);
            parts += 1 + node.Variants.Count;
            if (parts > PartLimit)
            {
                throw new ArgumentException($"The schema comes to more than {PartLimit} parts, at {node.Pointer}: make it simpler.", "schema");
            }
        }

        _inOrder.ForEach(node => node.FilterValues());
        FindSatisfiable();
        // Only now, for what is left: an array that was short of an item too early would be needlessly short.
        _inOrder.ForEach(node => node.Shorten());
        FindSatisfiable();
        if (Root.Refusal is { } refusal)
        {
            throw new ArgumentException($"No JSON satisfies the schema: at {refusal.Pointer}, {refusal.Reason}. Mend the schema there.", "schema");
        }

        LogLeftOut(log);
    }

    public SchemaNode Root { get; }

    public SchemaPatterns Patterns { get; } = new();

    /// <summary>Tells of optional properties that are missing from the grammar.</summary>
    private void LogLeftOut(SchemaLog log)
    {
        foreach (PropertyShape property in _inOrder.SelectMany(node => node.Variants).SelectMany(variant => variant.Object?.Properties ?? []))
        {
            if (!property.IsRequired && !property.Node.IsForbidden && property.Node.Refusal is { } refusal)
            {
                log.LeftOut(property.Node.Pointer, refusal.Reason);
            }
        }
    }

    /// <summary>The node of schemas that all have to hold.</summary>
    public SchemaNode Node(IEnumerable<SchemaLocation> schemas)
    {
        SchemaLocation[] distinct = [.. schemas.Select(_document.Resolve).DistinctBy(schema => schema.Pointer)];
        string key = string.Join('\n', distinct.Select(schema => schema.Pointer));
        if (!_nodes.TryGetValue(key, out SchemaNode? node))
        {
            node = new(distinct);
            _nodes.Add(key, node);
            _inOrder.Add(node);
        }

        return node;
    }

    private void FindSatisfiable()
    {
        // Backwards, for nodes mostly depend on later ones, and forwards, for some do not.
        int pass = 0;
        for (bool isNew = true; isNew; pass++)
        {
            isNew = false;
            for (int i = 0; i < _inOrder.Count; i++)
            {
                isNew |= _inOrder[pass % 2 == 0 ? _inOrder.Count - 1 - i : i].FindSatisfiable();
            }
        }
    }
}
