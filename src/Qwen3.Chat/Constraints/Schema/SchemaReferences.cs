using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>What the references of a schema document lead to.</summary>
/// <remarks>
/// A pointer starts at the innermost schema around it that is a document of its own: one with <c>$schema</c> or
/// <c>$id</c>, or the root. Where it leads nowhere from there, it starts at the outermost of the schemas around it from
/// which it leads somewhere, for programs put schemas into others and leave their references alone. Where functions
/// have parameters, a pointer may well lead somewhere from the root as well, and mean something else there: if
/// <see cref="IsolateProperties"/> is asked for, a property of the root is a document of its own if it has pointers and
/// all of them lead somewhere in it, to more than themselves. So <c>#</c> in a parameter that Semantic Kernel describes
/// is the parameter, and
/// <c>#/properties/parameter/…</c>, as AIFunctionFactory writes it, and <c>#/$defs/…</c> start at the root.
/// </remarks>
internal sealed class SchemaReferences(SchemaLocation root, SchemaLog log)
{
    // Longer ones are not made absolute: each identifier below a long one would be as long.
    private const int MaxIdentifierLength = 4096;

    private readonly HashSet<SchemaLocation> _documents = [root];
    private readonly Dictionary<string, SchemaLocation> _identified = new(StringComparer.Ordinal);
    private readonly Dictionary<SchemaLocation, string> _identifiers = [];
    private readonly List<(string Name, SchemaLocation Location)> _anchors = [];
    private readonly List<(SchemaLocation Schema, string Reference)> _references = [];
    private readonly Dictionary<SchemaLocation, SchemaLocation?> _targets = [];
    private Dictionary<(string Name, SchemaLocation? Document), SchemaLocation>? _anchored;

    /// <summary>Takes note of what may be a schema. What is around it comes first.</summary>
    /// <param name="location">The schema.</param>
    /// <param name="identifier">The identifier of the document that it is in, or the empty text.</param>
    /// <returns>That of the document which it is in or is.</returns>
    public string Register(SchemaLocation location, string identifier)
    {
        if (location.Text("$anchor") is { } anchor)
        {
            _anchors.Add((anchor, location));
        }

        if (location.Text("$ref") is { } reference)
        {
            _references.Add((location, reference));
        }

        string? id = location.Text("$id");
        if (id is ['#', .. var name])
        {
            // As draft 7 has anchors.
            _anchors.Add((name, location));
        }
        else if (id is not null || location.Text("$schema") is not null)
        {
            identifier = id is null ? identifier : Absolute(id.TrimEnd('#'), identifier);
            _documents.Add(location);
            _identifiers[location] = identifier;
            _identified.TryAdd(identifier, location);
        }

        return identifier;
    }

    /// <summary>Makes properties of the root documents of their own, by the rule above.</summary>
    public void IsolateProperties()
    {
        if (root.Find("properties") is not { Element.ValueKind: JsonValueKind.Object } properties)
        {
            return;
        }

        ILookup<SchemaLocation?, (SchemaLocation Schema, string Reference)> references = _references
            .Where(item => DocumentAround(item.Schema) == root)
            .ToLookup(item => ChildAround(properties, item.Schema));
        foreach (SchemaLocation parameter in properties.Members.Values)
        {
            if (references[parameter].Any() && references[parameter].All(item => IsOwn(item.Reference, item.Schema, parameter)))
            {
                _documents.Add(parameter);
            }
        }
    }

    /// <summary>
    /// What a schema's <c>$ref</c> leads to, or null if it has none or it leads nowhere, which is logged.
    /// </summary>
    public SchemaLocation? TargetOf(SchemaLocation schema)
    {
        if (schema.Text("$ref") is not { } reference)
        {
            return null;
        }

        if (!_targets.TryGetValue(schema, out SchemaLocation? target))
        {
            _targets[schema] = target = FindTarget(schema, reference);
            if (target is null)
            {
                log.Unenforced("$ref", schema);
            }
        }

        return target;
    }

    private SchemaLocation? FindTarget(SchemaLocation schema, string reference)
    {
        SchemaLocation document = DocumentAround(schema);
        int hash = reference.IndexOf('#');
        string name = hash < 0 ? reference : reference[..hash];
        Fragment fragment = new(hash < 0 ? "" : reference[hash..]);
        if (name.Length > 0)
        {
            return _identified.TryGetValue(Absolute(name, _identifiers.GetValueOrDefault(document, "")), out SchemaLocation? identified) ||
                _identified.TryGetValue(name, out identified) ? Follow(identified, fragment) : null;
        }

        if (Follow(document, fragment) is { } target)
        {
            return target;
        }

        SchemaLocation? outermost = null;
        for (SchemaLocation? at = schema.Parent; at is not null; at = at.Parent)
        {
            outermost = Follow(at, fragment) ?? outermost;
        }

        return outermost;
    }

    /// <summary>
    /// Whether a reference in a parameter seems to have been written when the parameter was the whole.
    /// </summary>
    private bool IsOwn(string reference, SchemaLocation schema, SchemaLocation parameter)
    {
        var fragment = new Fragment(reference is "#" or ['#', '/', ..] ? reference : "#-");
        if (fragment.Anchor is not null || Follow(parameter, fragment) is not { } target || target == schema)
        {
            return false;
        }

        // Of two places in the parameter, it is hardly the one that makes lists of lists and nothing else.
        return Follow(root, fragment) is not { } other || !parameter.IsAround(other) || !target.IsAround(schema) || HasProperty(target, schema);
    }

    /// <summary>Whether the way from a schema to one inside it leads through a property.</summary>
    private static bool HasProperty(SchemaLocation outer, SchemaLocation inner)
    {
        for (SchemaLocation? at = inner.Parent; at is not null && at.Depth > outer.Depth; at = at.Parent)
        {
            if (at.Token == "properties")
            {
                return true;
            }
        }

        return false;
    }

    private static SchemaLocation? ChildAround(SchemaLocation parent, SchemaLocation inner)
    {
        SchemaLocation? at = inner;
        while (at is not null && at.Parent != parent)
        {
            at = at.Parent;
        }

        return at;
    }

    private static string Absolute(string identifier, string around) =>
        identifier.Length + around.Length <= MaxIdentifierLength &&
        Uri.TryCreate(around, UriKind.Absolute, out Uri? outer) && Uri.TryCreate(outer, identifier, out Uri? absolute) ? absolute.ToString() : identifier;

    private SchemaLocation DocumentAround(SchemaLocation schema)
    {
        SchemaLocation document = schema;
        while (!_documents.Contains(document))
        {
            document = document.Parent!;
        }

        return document;
    }

    private SchemaLocation? Follow(SchemaLocation document, Fragment fragment)
    {
        if (fragment.Anchor is { } anchor)
        {
            return Anchored(anchor, document);
        }

        SchemaLocation? location = document;
        for (int i = 0; i < fragment.Tokens.Length && location is not null; i++)
        {
            document.Spend(1);
            location = location.Find(fragment.Tokens[i]);
        }

        return location;
    }

    private SchemaLocation? Anchored(string name, SchemaLocation document)
    {
        if (_anchored is null)
        {
            _anchored = [];
            foreach ((string anchor, SchemaLocation location) in _anchors)
            {
                _anchored.TryAdd((anchor, DocumentAround(location)), location);
                _anchored.TryAdd((anchor, null), location);
            }
        }

        return _anchored.TryGetValue((name, document), out SchemaLocation? own) || _anchored.TryGetValue((name, null), out own) ? own : null;
    }

    /// <summary>What stands behind the <c>#</c> of a reference: a pointer, or the name of an anchor.</summary>
    private readonly record struct Fragment
    {
        public Fragment(string fragment)
        {
            string text = fragment.Length < 2 ? "" : Uri.UnescapeDataString(fragment[1..]);
            if (text is ['/', .. var path])
            {
                Tokens = [.. path.Split('/').Select(token => token.Replace("~1", "/").Replace("~0", "~"))];
            }
            else if (text.Length > 0)
            {
                Anchor = text;
            }
        }

        public string? Anchor { get; }

        public string[] Tokens { get; } = [];
    }
}
