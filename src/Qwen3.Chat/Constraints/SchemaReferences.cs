using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>What the references of a schema document lead to.</summary>
/// <remarks>
/// A pointer starts at the innermost schema around it that is a document of its own: one with <c>$schema</c> or <c>$id</c>, or the root. Where it
/// leads nowhere from there, it starts at the outermost of the schemas around it from which it leads somewhere, for programs put schemas into
/// others and leave their references alone. Where functions have parameters, a pointer may well lead somewhere from the root as well, and mean
/// something else there: if <see cref="IsolateProperties"/> is asked for, a property of the root is a document of its own if it has pointers and
/// all of them lead somewhere in it, to more than themselves. So <c>#</c> in a parameter that Semantic Kernel describes is the parameter, and
/// <c>#/properties/parameter/…</c>, as AIFunctionFactory writes it, and <c>#/$defs/…</c> start at the root.
/// </remarks>
internal sealed class SchemaReferences(SchemaLocation root, SchemaLog log)
{
    private readonly Dictionary<string, SchemaLocation> _documents = new(StringComparer.Ordinal) { [root.Pointer] = root };
    private readonly Dictionary<string, SchemaLocation> _identified = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _identifiers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SchemaLocation>> _anchors = new(StringComparer.Ordinal);
    private readonly List<(SchemaLocation Schema, string Reference)> _references = [];

    /// <summary>Takes note of what may be a schema. What is around it comes first.</summary>
    /// <param name="location">The schema.</param>
    /// <param name="identifier">The identifier of the document that it is in, or the empty text.</param>
    /// <returns>That of the document which it is in or is.</returns>
    public string Register(SchemaLocation location, string identifier)
    {
        if (location.Text("$anchor") is { } anchor)
        {
            Anchor(anchor, location);
        }

        if (location.Text("$ref") is { } reference)
        {
            _references.Add((location, reference));
        }

        string? id = location.Text("$id");
        if (id is ['#', .. var name])
        {
            // As draft 7 has anchors.
            Anchor(name, location);
        }
        else if (id is not null || location.Text("$schema") is not null)
        {
            identifier = id is null ? identifier : Absolute(id.TrimEnd('#'), identifier);
            _documents[location.Pointer] = location;
            _identifiers[location.Pointer] = identifier;
            _identified.TryAdd(identifier, location);
        }

        return identifier;
    }

    /// <summary>Makes properties of the root documents of their own, by the rule above.</summary>
    public void IsolateProperties()
    {
        if (root.Element.ValueKind != JsonValueKind.Object ||
            !root.Element.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        ILookup<string, (SchemaLocation Schema, string Reference)> references = _references
            .Where(item => DocumentAround(item.Schema).Pointer == root.Pointer)
            .ToLookup(item => string.Join('/', item.Schema.Pointer.Split('/').Take(3)));
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            SchemaLocation parameter = root.At("properties", property.Name, property.Value);
            if (references[parameter.Pointer].Any() && references[parameter.Pointer].All(item => IsOwn(item.Reference, item.Schema, parameter)))
            {
                _documents[parameter.Pointer] = parameter;
            }
        }
    }

    /// <summary>What a schema's <c>$ref</c> leads to, or null if it has none or it leads nowhere, which is logged.</summary>
    public SchemaLocation? TargetOf(SchemaLocation schema)
    {
        if (schema.Text("$ref") is not { } reference)
        {
            return null;
        }

        SchemaLocation document = DocumentAround(schema);
        int hash = reference.IndexOf('#');
        string name = hash < 0 ? reference : reference[..hash];
        string fragment = hash < 0 ? "" : reference[hash..];
        SchemaLocation? target =
            name.Length == 0 ? Follow(document, fragment) ??
                Around(schema).Select(outer => Follow(outer, fragment)).FirstOrDefault(found => found is not null) :
            _identified.TryGetValue(Absolute(name, _identifiers.GetValueOrDefault(document.Pointer, "")), out SchemaLocation identified) ||
                _identified.TryGetValue(name, out identified) ? Follow(identified, fragment) :
            null;
        if (target is null)
        {
            log.Unenforced("$ref", schema.Pointer);
        }

        return target;
    }

    /// <summary>Whether a reference in a parameter seems to have been written when the parameter was the whole.</summary>
    private bool IsOwn(string reference, SchemaLocation schema, SchemaLocation parameter)
    {
        if (reference is not ("#" or ['#', '/', ..]) || Follow(parameter, reference) is not { } target || target.Pointer == schema.Pointer)
        {
            return false;
        }

        // Of two places in the parameter, it is hardly the one that makes lists of lists and nothing else.
        return Follow(root, reference) is not { } other || !parameter.IsAround(other) ||
            !target.IsAround(schema) || schema.Pointer[target.Pointer.Length..].Contains("/properties/", StringComparison.Ordinal);
    }

    private static string Absolute(string identifier, string around) =>
        Uri.TryCreate(around, UriKind.Absolute, out Uri? outer) && Uri.TryCreate(outer, identifier, out Uri? absolute) ? absolute.ToString() : identifier;

    private void Anchor(string name, SchemaLocation location)
    {
        if (!_anchors.TryGetValue(name, out List<SchemaLocation>? locations))
        {
            _anchors.Add(name, locations = []);
        }

        locations.Add(location);
    }

    private SchemaLocation DocumentAround(SchemaLocation schema)
    {
        string pointer = schema.Pointer;
        SchemaLocation document;
        while (!_documents.TryGetValue(pointer, out document))
        {
            pointer = pointer[..pointer.LastIndexOf('/')];
        }

        return document;
    }

    /// <summary>What is around a schema, from the root on.</summary>
    private IEnumerable<SchemaLocation> Around(SchemaLocation schema)
    {
        SchemaLocation? outer = root;
        foreach (string token in schema.Pointer.Split('/').Skip(1))
        {
            if (outer is { } some)
            {
                yield return some;
                outer = some.Find(token);
            }
        }
    }

    private SchemaLocation? Follow(SchemaLocation document, string fragment)
    {
        if (fragment is "" or "#")
        {
            return document;
        }

        fragment = Uri.UnescapeDataString(fragment[1..]);
        if (fragment is not ['/', .. var path])
        {
            return _anchors.TryGetValue(fragment, out List<SchemaLocation>? anchored)
                ? anchored.Find(location => DocumentAround(location).Pointer == document.Pointer) is { Pointer: not null } own ? own : anchored[0]
                : null;
        }

        SchemaLocation? location = document;
        foreach (string token in path.Split('/'))
        {
            location = location is { } some ? some.Find(token) : null;
        }

        return location;
    }
}
