using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>What schemas say of objects.</summary>
/// <param name="Properties">The properties with a name, in the order in which they are written.</param>
/// <param name="Additional">What members of other names are like, one of these; empty where nothing is said of them and none are written.</param>
internal sealed record ObjectShape(IReadOnlyList<PropertyShape> Properties, IReadOnlyList<SchemaNode> Additional)
{
    // System.Text.Json wants the discriminator of a polymorphic type before everything else.
    private const string Discriminator = "$type";

    public static ObjectShape Of(IReadOnlyList<SchemaLocation> schemas, SchemaGraph graph)
    {
        var declared = new List<string>();
        var required = new List<string>();
        foreach (SchemaLocation schema in schemas)
        {
            declared.AddRange(Declared(schema).Select(property => property.Name));
            required.AddRange(Required(schema.Element));
        }

        SchemaLocation[] additional = [.. schemas.SelectMany(AdditionalOf)];
        bool isClosed = additional.Length == 0 && schemas.Any(schema => schema.Element.TryGetKeyword("properties", out _));
        HashSet<string> requiredNames = [.. required];
        return new(
            [.. declared.Concat(required).Distinct()
                .OrderBy(name => name != Discriminator)
                .Select(name => new PropertyShape(name, graph.Node(schemas.SelectMany(schema => Property(schema, name))), requiredNames.Contains(name)))],
            isClosed ? [] : declared.Count == 0 && Patterned(schemas) is { Length: > 0 } patterned
                ? [.. patterned.Select(pattern => graph.Node([pattern, .. additional.Where(schema => schema.Element.ValueKind != JsonValueKind.False)]))]
                : [graph.Node(additional)]);
    }

    /// <summary>Why there is no such object, or null.</summary>
    public Refusal? Refuse() => Properties.FirstOrDefault(property => property.IsRequired && property.Node.Refusal is not null)?.Node.Refusal;

    public bool Allows(JsonElement value) =>
        Properties.All(property => !property.IsRequired || value.TryGetProperty(property.Name, out _)) &&
        value.EnumerateObject().All(member =>
            Properties.FirstOrDefault(property => property.Name == member.Name) is { } declared
                ? declared.Node.Allows(member.Value)
                : Additional.Count == 0 || Additional.Any(node => node.Allows(member.Value)));

    /// <summary>The names of the properties that a schema requires.</summary>
    public static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array
            ? required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)
            : [];

    private static IEnumerable<JsonProperty> Declared(SchemaLocation schema) =>
        schema.Element.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject()
            : [];

    /// <summary>
    /// What members are like whose names match a pattern, if there are no others. Patterns are not enforced, and an object without any members
    /// would be all that is left.
    /// </summary>
    private static SchemaLocation[] Patterned(IReadOnlyList<SchemaLocation> schemas) =>
    [
        .. schemas
            .Where(schema => schema.Element.TryGetProperty("patternProperties", out JsonElement patterns) && patterns.ValueKind == JsonValueKind.Object &&
                schema.Element.TryGetProperty("additionalProperties", out JsonElement additional) && additional.ValueKind == JsonValueKind.False)
            .Take(1)
            .SelectMany(schema => schema.Element.GetProperty("patternProperties").EnumerateObject()
                .Select(pattern => schema.At("patternProperties", pattern.Name, pattern.Value))),
    ];

    private static IEnumerable<SchemaLocation> AdditionalOf(SchemaLocation schema) =>
        schema.Element.TryGetKeyword("additionalProperties", out JsonElement additional) ? [schema.At("additionalProperties", additional)] : [];

    /// <summary>What one schema says of the property of a name: what it declares, or else what it says of those that it does not declare.</summary>
    private static IEnumerable<SchemaLocation> Property(SchemaLocation schema, string name) =>
        schema.Element.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object &&
        properties.TryGetProperty(name, out JsonElement property)
            ? [schema.At("properties", name, property)]
            : Patterned([schema]) switch { [] => AdditionalOf(schema), [var only] => [only], _ => [] };
}
