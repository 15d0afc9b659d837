using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A schema and what references in it lead to.</summary>
internal sealed class SchemaDocument
{
    /// <summary>How deep a schema may nest, in JSON's terms.</summary>
    public const int DepthLimit = 256;

    private readonly SchemaReferences _references;

    /// <param name="root">The whole.</param>
    /// <param name="log">Is told of references that lead nowhere.</param>
    /// <param name="isolatesProperties">Whether the root's properties may be documents of their own: see <see cref="SchemaReferences"/>.</param>
    /// <exception cref="ArgumentException">The schema is none, or nests too deeply, or has text that is none.</exception>
    public SchemaDocument(JsonElement root, SchemaLog log, bool isolatesProperties = false)
    {
        if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw new ArgumentException($"The schema is {root.ValueKind} at #: a schema is an object, true or false.", "schema");
        }

        Root = new("#", root);
        _references = new(Root, log);
        var pending = new Stack<(SchemaLocation Location, string Base, int Depth)>([(Root, "", 1)]);
        while (pending.TryPop(out (SchemaLocation Location, string Base, int Depth) item))
        {
            SchemaLocation location = item.Location;
            if (item.Depth > DepthLimit)
            {
                throw new ArgumentException($"The schema nests more than {DepthLimit} levels deep at {location.Pointer[..64]}…: make it flatter.", "schema");
            }

            try
            {
                string identifier = _references.Register(location, item.Base);
                foreach (SchemaLocation child in Children(location))
                {
                    pending.Push((child, identifier, item.Depth + 1));
                }
            }
            catch (InvalidOperationException exception)
            {
                // So JsonElement says that an escape is half a surrogate pair.
                throw new ArgumentException($"The schema has text that is not Unicode at {location.Pointer}: write whole characters.", "schema", exception);
            }
        }

        if (isolatesProperties)
        {
            _references.IsolateProperties();
        }
    }

    public SchemaLocation Root { get; }

    /// <summary>The schema that stands for this one: what it refers to, if it says nothing else.</summary>
    public SchemaLocation Resolve(SchemaLocation schema)
    {
        SchemaLocation resolved = schema;
        for (int step = 0; step < DepthLimit; step++)
        {
            if (Reference(resolved) is not { } target ||
                resolved.Element.EnumerateObject().Any(keyword => keyword.Name != "$ref" && SchemaKeywords.IsAssertion(keyword)))
            {
                return resolved;
            }

            resolved = target;
        }

        // It goes round in a circle, which whoever reads the schema finds out.
        return schema;
    }

    /// <summary>What a schema's <c>$ref</c> leads to, or null if it has none or it leads nowhere.</summary>
    public SchemaLocation? Reference(SchemaLocation schema) => _references.TargetOf(schema);

    private static IEnumerable<SchemaLocation> Children(SchemaLocation location)
    {
        switch (location.Element.ValueKind)
        {
            case JsonValueKind.Object:
                return location.Element.EnumerateObject().Select(member => location.At(member.Name, member.Value));
            case JsonValueKind.Array:
                return location.Element.EnumerateArray().Select((element, index) => location.At($"{index}", element));
            case JsonValueKind.String:
                // Read for no other reason than that it can be.
                _ = location.Element.GetString();
                return [];
            default:
                return [];
        }
    }
}
