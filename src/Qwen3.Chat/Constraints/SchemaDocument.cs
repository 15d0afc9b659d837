using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A schema and what references in it lead to.</summary>
internal sealed class SchemaDocument
{
    /// <summary>How deep a schema may nest, in JSON's terms.</summary>
    public const int DepthLimit = 256;

    private readonly Dictionary<string, SchemaLocation> _anchors = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The schema nests too deeply, or has text that is none.</exception>
    public SchemaDocument(JsonElement root)
    {
        Root = new("#", root);
        var pending = new Stack<(SchemaLocation Location, int Depth)>([(Root, 1)]);
        while (pending.TryPop(out (SchemaLocation Location, int Depth) item))
        {
            SchemaLocation location = item.Location;
            if (item.Depth > DepthLimit)
            {
                throw new ArgumentException($"The schema nests more than {DepthLimit} levels deep at {location.Pointer[..64]}…: make it flatter.", "schema");
            }

            try
            {
                foreach (SchemaLocation child in Children(location))
                {
                    pending.Push((child, item.Depth + 1));
                }

                if (location.Element.ValueKind == JsonValueKind.Object &&
                    location.Element.TryGetProperty("$anchor", out JsonElement anchor) && anchor.ValueKind == JsonValueKind.String)
                {
                    _anchors.TryAdd(anchor.GetString()!, location);
                }
            }
            catch (InvalidOperationException exception)
            {
                // So JsonElement says that an escape is half a surrogate pair.
                throw new ArgumentException($"The schema has text that is not Unicode at {location.Pointer}: write whole characters.", "schema", exception);
            }
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
                resolved.Element.EnumerateObject().Any(keyword => keyword.Name != "$ref" && !SchemaKeywords.IsAnnotation(keyword.Name)))
            {
                return resolved;
            }

            resolved = target;
        }

        // It goes round in a circle, which whoever reads the schema finds out.
        return schema;
    }

    /// <summary>What a schema's <c>$ref</c> leads to, or null if it has none.</summary>
    /// <exception cref="ArgumentException">It leads nowhere.</exception>
    public SchemaLocation? Reference(SchemaLocation schema)
    {
        if (schema.Element.ValueKind != JsonValueKind.Object ||
            !schema.Element.TryGetProperty("$ref", out JsonElement value) ||
            value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        string reference = value.GetString()!;
        string identifier = Root.Element.TryGetProperty("$id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString()!.TrimEnd('#') : "";
        string fragment = identifier.Length > 0 && reference.StartsWith(identifier, StringComparison.Ordinal) ? reference[identifier.Length..] : reference;
        fragment = Uri.UnescapeDataString(fragment);
        SchemaLocation? target = fragment switch
        {
            "" or "#" => Root,
            ['#', '/', .. var path] => Follow(path),
            ['#', .. var anchor] when _anchors.TryGetValue(anchor, out SchemaLocation anchored) => anchored,
            _ => null,
        };
        return target ?? throw new ArgumentException(
            $"The schema's reference '{reference}' at {schema.Pointer} leads nowhere: only references to places inside the schema can be followed.", "schema");
    }

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

    private SchemaLocation? Follow(string path)
    {
        SchemaLocation location = Root;
        foreach (string token in path.Split('/'))
        {
            string name = token.Replace("~1", "/").Replace("~0", "~");
            if (location.Element.ValueKind == JsonValueKind.Object && location.Element.TryGetProperty(name, out JsonElement member))
            {
                location = location.At(name, member);
            }
            else if (location.Element.ValueKind == JsonValueKind.Array &&
                int.TryParse(name, out int index) && index >= 0 && index < location.Element.GetArrayLength())
            {
                location = location.At(name, location.Element[index]);
            }
            else
            {
                return null;
            }
        }

        return location;
    }
}
