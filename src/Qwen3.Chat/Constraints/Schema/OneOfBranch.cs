using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// What a schema's own keywords plainly say of types and values, and of the properties that its objects must have.
/// </summary>
internal sealed class OneOfBranch
{
    private static readonly string[] s_inPlace = ["$ref", "allOf", "anyOf", "oneOf"];

    private readonly JsonTypes _types;
    private readonly JsonTypes _written;
    private readonly HashSet<JsonElement>? _values;
    private readonly Dictionary<string, OneOfBranch> _required = new(StringComparer.Ordinal);

    /// <param name="schema">The branch.</param>
    /// <param name="parent">The schema that has the branches, whose own keywords hold, too.</param>
    public OneOfBranch(SchemaLocation schema, SchemaLocation parent)
        : this(schema)
    {
        if (schema.Element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        schema.Spend(parent.Count + (parent.Find("required")?.Count ?? 0));
        _types &= SchemaTypes.Declared(parent.Element) ?? JsonTypes.Any;
        _written = _types;
        if (_types == JsonTypes.Any && !s_inPlace.Any(keyword => schema.Keyword(keyword) is not null))
        {
            // Where no type is told, the grammar goes by the keywords.
            _written = (SchemaTypes.Implied(schema) | SchemaTypes.Implied(parent)) is > 0 and var implied ? implied : _types;
        }

        if (schema.Find("properties") is { Element.ValueKind: JsonValueKind.Object } properties)
        {
            foreach (string name in ObjectShape.Required(schema).Concat(ObjectShape.Required(parent)))
            {
                if (properties.Find(name) is { } property)
                {
                    _required[name] = new(property);
                }
            }
        }
    }

    private OneOfBranch(SchemaLocation location)
    {
        JsonElement schema = location.Element;
        location.Spend(location.Count);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            _types = schema.ValueKind == JsonValueKind.False ? JsonTypes.None : JsonTypes.Any;
            return;
        }

        _types = SchemaTypes.Declared(schema) ?? JsonTypes.Any;
        if (EnumValues.Of(schema) is { } values)
        {
            location.Spend(values.Count);
            _values = EnumValues.ToSet(values);
            _types &= values.Aggregate(JsonTypes.None, (types, value) => types | SchemaTypes.Of(value));
        }

        if (SchemaTypes.IsNullable(schema))
        {
            _types |= JsonTypes.Null;
            _values?.Add(SchemaTypes.Null);
        }
    }

    /// <summary>Whether no value is of both branches.</summary>
    /// <param name="other">The other branch.</param>
    /// <param name="work">Grows by what there was to compare.</param>
    public bool IsDisjointFrom(OneOfBranch other, ref int work)
    {
        work += 1 + (_values is not null && other._values is not null ? int.Min(_values.Count, other._values.Count) : 0);
        if ((_types & other._types) == 0 || (_values is not null && other._values is not null && !Overlap(_values, other._values)))
        {
            return true;
        }

        // What is no object has no properties to tell it by.
        if (((_written & other._types) | (_types & other._written)) != JsonTypes.Object)
        {
            return false;
        }

        foreach ((string name, OneOfBranch property) in _required)
        {
            if (other._required.TryGetValue(name, out OneOfBranch? otherProperty) && property.IsDisjointFrom(otherProperty, ref work))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Overlap(HashSet<JsonElement> first, HashSet<JsonElement> second)
    {
        (HashSet<JsonElement> fewer, HashSet<JsonElement> more) = first.Count <= second.Count ? (first, second) : (second, first);
        foreach (JsonElement value in fewer)
        {
            if (more.Contains(value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// Tells whether branches of <c>oneOf</c> plainly have no value in common, so that "one of" is the same as "any of".
/// </summary>
internal static class Disjointness
{
    // Each branch is held against each. What takes more than this does not go without saying.
    private const int WorkLimit = 1_000_000;

    public static bool IsEvident(SchemaLocation parent, IEnumerable<SchemaLocation> schemas)
    {
        OneOfBranch[] branches = [.. schemas.Select(schema => new OneOfBranch(schema, parent))];
        int work = 0;
        for (int i = 0; i < branches.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (work > WorkLimit || !branches[i].IsDisjointFrom(branches[j], ref work))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
