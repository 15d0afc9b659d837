using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A schema and what references in it lead to.</summary>
internal sealed class SchemaDocument
{
    /// <summary>How deep a schema may nest, in JSON's terms.</summary>
    public const int DepthLimit = 256;

    private readonly SchemaReferences _references;
    private readonly Dictionary<SchemaLocation, SchemaLocation> _resolved = [];

    /// <param name="root">The whole.</param>
    /// <param name="log">Is told of references that lead nowhere.</param>
    /// <param name="budget">Limits the work.</param>
    /// <param name="isolatesProperties">
    /// Whether the root's properties may be documents of their own: see <see cref="SchemaReferences"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The schema is none, or nests too deeply, or is too large, or has text that is not Unicode.
    /// </exception>
    public SchemaDocument(JsonElement root, SchemaLog log, SchemaBudget budget, bool isolatesProperties = false)
    {
        if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw new ArgumentException($"The schema is {root.ValueKind} at #: a schema is an object, true or false.", "schema");
        }

        Root = new(root, budget);
        _references = new(Root, log);
        var pending = new Stack<(SchemaLocation Location, string Base)>([(Root, "")]);
        while (pending.TryPop(out (SchemaLocation Location, string Base) item))
        {
            SchemaLocation location = item.Location;
            if (location.Depth > DepthLimit)
            {
                throw new ArgumentException($"The schema nests more than {DepthLimit} levels deep at {location.Pointer}: make it flatter.", "schema");
            }

            SchemaLocation place = location;
            try
            {
                string identifier = _references.Register(location, item.Base);
                foreach (SchemaLocation child in Children(location))
                {
                    place = child;
                    if (child.Element.ValueKind == JsonValueKind.String)
                    {
                        // Read for no other reason than that it can be.
                        _ = child.Element.GetString();
                    }
                    else
                    {
                        pending.Push((child, identifier));
                    }

                    place = location;
                }
            }
            catch (InvalidOperationException exception)
            {
                // So JsonElement says that an escape is half a surrogate pair.
                throw new ArgumentException($"The schema has text that is not Unicode at {place.Pointer}: write whole characters.", "schema", exception);
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
        if (Reference(schema) is null)
        {
            return schema;
        }

        var chain = new List<SchemaLocation>();
        var known = new HashSet<SchemaLocation>();
        SchemaLocation? resolved = schema;
        while (!_resolved.TryGetValue(resolved, out _))
        {
            if (!known.Add(resolved))
            {
                // It goes round in a circle, which reading the schema finds out.
                chain.ForEach(link => _resolved[link] = link);
                return schema;
            }

            chain.Add(resolved);
            resolved.Spend(1 + resolved.Count);
            SchemaLocation? target = Reference(resolved);
            if (target is null ||
                resolved.Members.Values.Any(keyword => keyword.Token != "$ref" && SchemaKeywords.IsAssertion(keyword)))
            {
                _resolved[resolved] = resolved;
            }
            else
            {
                resolved = target;
            }
        }

        SchemaLocation result = _resolved[resolved];
        chain.ForEach(link => _resolved[link] = result);
        return result;
    }

    /// <summary>What a schema's <c>$ref</c> leads to, or null if it has none or it leads nowhere.</summary>
    public SchemaLocation? Reference(SchemaLocation schema) => _references.TargetOf(schema);

    private static IEnumerable<SchemaLocation> Children(SchemaLocation location)
    {
        switch (location.Element.ValueKind)
        {
            case JsonValueKind.Object:
                return location.Members.Values;
            case JsonValueKind.Array:
                location.Spend(location.Count);
                // Lists of values are long, and their items no schemas.
                return location.Element.EnumerateArray().All(IsReadableScalar) ? [] : location.Items;
            default:
                return [];
        }
    }

    private static bool IsReadableScalar(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.True or JsonValueKind.False:
                return false;
            case JsonValueKind.String:
                try
                {
                    _ = element.GetString();
                    return true;
                }
                catch (InvalidOperationException)
                {
                    // The place is found out with the items.
                    return false;
                }

            default:
                return true;
        }
    }
}
