namespace Qwen3.Chat.Constraints;

/// <summary>The nodes of a schema: one for each set of schemas that meet in a place, found from the root on.</summary>
internal sealed class SchemaGraph
{
    private const int NodeLimit = 5000;

    private readonly SchemaDocument _document;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<SchemaNode> _inOrder = [];

    /// <exception cref="ArgumentException">The schema is none, or too large, or nothing satisfies it.</exception>
    public SchemaGraph(SchemaDocument document, SchemaLog log)
    {
        _document = document;
        Root = Node([document.Root]);
        // Reading a node finds others. There is no recursion, so that a long chain of them does no harm.
        for (int i = 0; i < _inOrder.Count; i++)
        {
            _inOrder[i].Read(this, new(document, log), log);
        }

        _inOrder.ForEach(node => node.FilterValues());
        bool isNew;
        do
        {
            isNew = false;
            // Backwards, for nodes mostly depend on later ones.
            for (int i = _inOrder.Count - 1; i >= 0; i--)
            {
                isNew |= _inOrder[i].FindSatisfiable();
            }
        }
        while (isNew);
        if (Root.Refusal is { } refusal)
        {
            throw new ArgumentException($"No JSON satisfies the schema: at {refusal.Pointer}, {refusal.Reason}. Mend the schema there.", "schema");
        }
    }

    public SchemaNode Root { get; }

    /// <summary>The node of schemas that all have to hold.</summary>
    public SchemaNode Node(IEnumerable<SchemaLocation> schemas)
    {
        SchemaLocation[] distinct = [.. schemas.Select(_document.Resolve).DistinctBy(schema => schema.Pointer)];
        string key = string.Join('\n', distinct.Select(schema => schema.Pointer));
        if (!_nodes.TryGetValue(key, out SchemaNode? node))
        {
            if (_nodes.Count == NodeLimit)
            {
                throw new ArgumentException($"The schema has more than {NodeLimit} different parts, at {distinct.FirstOrDefault().Pointer}: make it simpler.", nameof(schemas));
            }

            node = new(distinct);
            _nodes.Add(key, node);
            _inOrder.Add(node);
        }

        return node;
    }
}
