using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>Schemas that all hold at once, merged: what they say of each type of value.</summary>
internal sealed class SchemaVariant
{
    private readonly string _pointer;
    private readonly SchemaGraph _graph;
    private HashSet<JsonElement>? _valueSet;

    public SchemaVariant(IReadOnlyList<SchemaLocation> schemas, string pointer, SchemaGraph graph, SchemaLog log)
    {
        _pointer = pointer;
        _graph = graph;
        var types = JsonTypes.Any;
        var implied = JsonTypes.None;
        bool isTyped = false;
        foreach (SchemaLocation schema in schemas)
        {
            schema.Spend(1 + (3 * schema.Count));
            SchemaKeywords.LogUnenforced(schema, log);
            JsonTypes? declared = SchemaTypes.Declared(schema.Element);
            types &= declared ?? JsonTypes.Any;
            isTyped |= declared is not null;
            implied |= SchemaTypes.Implied(schema);
            if (EnumValues.Of(schema.Element) is { } values)
            {
                schema.Spend(values.Count);
                Values = Values is null ? values : EnumValues.Intersect(Values, values);
            }

            Numbers.Add(schema, log);
        }

        Types = isTyped || Values is not null || implied == JsonTypes.None ? types : implied;
        // Only what can occur is read, so that nothing is said of keywords that are without effect. Of a list of
        // values, each is tried.
        Strings = Types.HasFlag(JsonTypes.String) ? StringFacts.Of(schemas, graph.Patterns, Values is null ? log : new SchemaLog(null)) : null;
        Array = Types.HasFlag(JsonTypes.Array) && implied.HasFlag(JsonTypes.Array) ? ArrayShape.Of(schemas, graph, log) : null;
        Object = Types.HasFlag(JsonTypes.Object) && implied.HasFlag(JsonTypes.Object) ? ObjectShape.From(schemas, graph) : null;
    }

    /// <summary>The types of value that the schemas speak of.</summary>
    public JsonTypes Types { get; }

    /// <summary>The only values, or null for no such limit.</summary>
    public List<JsonElement>? Values { get; private set; }

    public NumberFacts Numbers { get; } = new();

    public StringFacts? Strings { get; }

    /// <summary>What arrays are like, or null for any.</summary>
    public ArrayShape? Array { get; }

    /// <summary>What objects are like, or null for any.</summary>
    public ObjectShape? Object { get; }

    /// <summary>Why nothing satisfies the schemas, or null.</summary>
    public SchemaConflict? FindConflict() =>
        Values is not null ? Values.Count == 0 ? new(_pointer, "none of its values is allowed by the rest of the schema") : null :
        Types == JsonTypes.None ? new(_pointer, "it wants types that exclude each other") :
        Enum.GetValues<JsonTypes>().Any(IsPossible) ? null :
        Enum.GetValues<JsonTypes>().Select(FindConflict).First(conflict => conflict is not null);

    /// <summary>Whether values of a type occur.</summary>
    public bool IsPossible(JsonTypes type) => int.IsPow2((int)type) && Types.HasFlag(type) && FindConflict(type) is null;

    /// <summary>Drops the values that the rest of the schemas does not allow.</summary>
    public void FilterValues()
    {
        Values = Values?.FindAll(AllowsBesideValues);
        _valueSet = null;
    }

    public bool Allows(JsonElement value) =>
        (Values is null || (_valueSet ??= EnumValues.ToSet(Values)).Contains(value)) && AllowsBesideValues(value);

    private bool AllowsBesideValues(JsonElement value)
    {
        _graph.Spend(1);
        return Types.HasFlag(SchemaTypes.Of(value)) && value.ValueKind switch
        {
            JsonValueKind.Number => Numbers.Contains(value),
            JsonValueKind.String => Strings!.Allows(value.GetString()!),
            JsonValueKind.Array => Array?.Allows(value) != false,
            JsonValueKind.Object => Object?.Allows(value) != false,
            _ => true,
        };
    }

    private SchemaConflict? FindConflict(JsonTypes type) => !Types.HasFlag(type) ? null : type switch
    {
        JsonTypes.Integer or JsonTypes.Fraction =>
            NumberRules.FindConflict(Numbers, isInteger: !Types.HasFlag(JsonTypes.Fraction)) is { } reason ? new(_pointer, reason) : null,
        JsonTypes.String => Strings!.FindConflict(),
        JsonTypes.Array => Array?.FindConflict(),
        JsonTypes.Object => Object?.FindConflict(),
        _ => null,
    };
}
