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
        if (Root.Conflict is { } conflict)
        {
            throw new ArgumentException($"The schema is unsatisfiable: at {conflict.Pointer}, {conflict.Reason}. Change the schema there.", "schema");
        }

        LogLeftOut(log);
    }

    public SchemaNode Root { get; }

    public SchemaPatterns Patterns { get; } = new();

    /// <summary>Spends from the budget of the schema.</summary>
    public void Spend(long work) => _document.Root.Spend(work);

    /// <summary>Tells of optional properties that are missing from the grammar.</summary>
    private void LogLeftOut(SchemaLog log)
    {
        foreach (PropertyShape property in _inOrder.SelectMany(node => node.Variants).SelectMany(variant => variant.Object?.Properties ?? []))
        {
            if (!property.IsRequired && !property.Node.IsForbidden && property.Node.Conflict is { } conflict)
            {
                log.LeftOut(property.Node.Pointer, conflict.Reason);
            }
        }
    }

    /// <summary>The node of schemas that all have to hold.</summary>
    public SchemaNode Node(IEnumerable<SchemaLocation> schemas)
    {
        SchemaLocation[] distinct = [.. schemas.Select(_document.Resolve).Distinct()];
        Spend(1 + distinct.Length);
        string key = string.Join(',', distinct.Select(schema => schema.Id));
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
        var dependents = new Dictionary<SchemaNode, List<SchemaNode>>();
        foreach (SchemaNode node in _inOrder)
        {
            foreach (SchemaNode next in node.Next().Distinct())
            {
                (dependents.TryGetValue(next, out List<SchemaNode>? users) ? users : dependents[next] = []).Add(node);
            }
        }

        // Backwards first, because nodes mostly depend on later ones. A node is looked at again when one that it
        // depends on was found satisfiable.
        var open = new Queue<SchemaNode>(_inOrder.AsEnumerable().Reverse());
        var isOpen = new HashSet<SchemaNode>(_inOrder);
        while (open.TryDequeue(out SchemaNode? node))
        {
            isOpen.Remove(node);
            if (!Find(node))
            {
                continue;
            }

            foreach (SchemaNode user in dependents.GetValueOrDefault(node, []))
            {
                if (user.Conflict is not null && isOpen.Add(user))
                {
                    open.Enqueue(user);
                }
            }
        }

        // What is left is unsatisfiable for the reasons that are known now.
        for (int i = _inOrder.Count - 1; i >= 0; i--)
        {
            Find(_inOrder[i]);
        }

        bool Find(SchemaNode node)
        {
            Spend(1 + (node.Conflict is null ? 0 : node.Next().Count()));
            return node.FindSatisfiable();
        }
    }
}
