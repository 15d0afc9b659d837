using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A property of an object.</summary>
internal sealed record PropertyShape(string Name, SchemaNode Node, bool IsRequired);

/// <summary>What schemas say of objects.</summary>
/// <param name="Properties">The properties with a name, in the order in which they are declared.</param>
/// <param name="Additional">
/// What members of other names are like, one of these; empty where nothing is said of them and none are written.
/// </param>
internal sealed record ObjectShape(IReadOnlyList<PropertyShape> Properties, IReadOnlyList<SchemaNode> Additional)
{
    // System.Text.Json wants the discriminator of a polymorphic type before everything else.
    public const string Discriminator = "$type";

    // As many as a step through the grammar can look at.
    private const int MaxProperties = 10_000;

    private readonly Dictionary<string, PropertyShape> _byName = Properties.ToDictionary(property => property.Name, StringComparer.Ordinal);

    public static ObjectShape From(IReadOnlyList<SchemaLocation> schemas, SchemaGraph graph)
    {
        var names = new List<string>();
        var required = new List<string>();
        foreach (SchemaLocation schema in schemas)
        {
            names.AddRange(PropertiesOf(schema)?.Element.EnumerateObject().Select(property => property.Name) ?? []);
            required.AddRange(Required(schema));
        }

        bool hasDeclared = names.Count > 0;
        SchemaLocation[] additional = [.. schemas.SelectMany(AdditionalOf)];
        bool isClosed = additional.Length == 0 && schemas.Any(schema => schema.Keyword("properties") is not null);
        SchemaLocation[] patterned = Patterned(schemas);
        HashSet<string> requiredNames = [.. required];
        string[] ordered = [.. names.Concat(required).Distinct().OrderBy(name => name != Discriminator)];
        graph.Spend((long)ordered.Length * schemas.Count);
        (SchemaLocation Schema, SchemaLocation[] Undeclared)[] sources = [.. schemas.Select(schema => (schema, UndeclaredOf(schema)))];
        return new(
            [
                .. ordered.Select(name => new PropertyShape(
                    name,
                    graph.Node(sources.SelectMany(source => PropertiesOf(source.Schema)?.Find(name) is { } own ? [own] : source.Undeclared)),
                    requiredNames.Contains(name))),
            ],
            isClosed ? [] : !hasDeclared && patterned.Length > 0
                ? [.. patterned.Select(pattern => graph.Node([pattern, .. additional.Where(schema => schema.Element.ValueKind != JsonValueKind.False)]))]
                : [graph.Node(additional)]);
    }

    /// <summary>Why there is no such object, or null.</summary>
    public SchemaConflict? FindConflict() => Properties.FirstOrDefault(property => property.IsRequired && property.Node.Conflict is not null)?.Node.Conflict;

    public bool Allows(JsonElement value)
    {
        int required = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (_byName.TryGetValue(member.Name, out PropertyShape? declared))
            {
                required += declared.IsRequired && seen.Add(member.Name) ? 1 : 0;
            }

            if (declared is not null ? !declared.Node.Allows(member.Value) : Additional.Count > 0 && !Additional.Any(node => node.Allows(member.Value)))
            {
                return false;
            }
        }

        return required == Properties.Count(property => property.IsRequired);
    }

    /// <summary>The names of the properties that a schema requires.</summary>
    /// <exception cref="ArgumentException">They are more than a grammar can hold an object to.</exception>
    public static IEnumerable<string> Required(SchemaLocation schema) =>
        schema.Find("required") is { Element.ValueKind: JsonValueKind.Array } required
            ? Limited(required).Element.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)
            : [];

    private static SchemaLocation Limited(SchemaLocation properties) => properties.Count <= MaxProperties
        ? properties
        : throw new ArgumentException($"The schema has {properties.Count} properties at {properties.Pointer}, more than {MaxProperties}: make it smaller.", "schema");

    private static SchemaLocation? PropertiesOf(SchemaLocation schema) =>
        schema.Find("properties") is { Element.ValueKind: JsonValueKind.Object } properties ? Limited(properties) : null;

    /// <summary>
    /// What members are like whose names match a pattern, if there are no others. Patterns are not enforced, and an
    /// object without any members would be all that is left.
    /// </summary>
    private static SchemaLocation[] Patterned(IReadOnlyList<SchemaLocation> schemas) =>
    [
        .. schemas
            .Where(schema => schema.Find("patternProperties") is { Element.ValueKind: JsonValueKind.Object } &&
                schema.Find("additionalProperties") is { Element.ValueKind: JsonValueKind.False })
            .Take(1)
            .SelectMany(schema => Limited(schema.Find("patternProperties")!).Members.Values),
    ];

    private static SchemaLocation[] AdditionalOf(SchemaLocation schema) => schema.Keyword("additionalProperties") is { } additional ? [additional] : [];

    /// <summary>What one schema says of the properties that it does not declare.</summary>
    private static SchemaLocation[] UndeclaredOf(SchemaLocation schema) => Patterned([schema]) switch
    {
        [] => AdditionalOf(schema),
        [var only] => [only],
        _ => [],
    };
}
