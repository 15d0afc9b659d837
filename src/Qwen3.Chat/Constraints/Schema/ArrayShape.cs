using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>What schemas say of arrays.</summary>
/// <param name="Pointer">Where they say it.</param>
/// <param name="First">The items that have schemas of their own.</param>
/// <param name="Rest">What the items after them are like.</param>
/// <param name="Min">The fewest items, or null where nothing is said.</param>
/// <param name="Max">The most items, or null.</param>
internal sealed record ArrayShape(string Pointer, IReadOnlyList<SchemaNode> First, SchemaNode Rest, int? Min, int? Max)
{
    private const int MaxDescribed = 10_000;

    private int? _shortened;

    public static ArrayShape Of(IReadOnlyList<SchemaLocation> schemas, SchemaGraph graph, SchemaLog log)
    {
        SchemaLocation[][] first = [.. schemas.Select(FirstOf)];
        schemas[0].Spend((long)first.Max(items => items.Length) * schemas.Count);
        SchemaLocation?[] rest = [.. schemas.Select(RestOf)];
        int count = first.Max(items => items.Length);
        (int? min, int? max) = CountRange.Of(schemas, "minItems", "maxItems", log);
        return new(
            schemas[0].Pointer,
            [
                .. Enumerable.Range(0, count).Select(index =>
                    graph.Node(first.SelectMany((items, i) => index < items.Length ? [items[index]] : AsList(rest[i])))),
            ],
            graph.Node(rest.SelectMany(AsList)),
            min,
            max)
        {
            IsTuple = count > 0 && rest.All(items => items is null) && !(min > count),
        };
    }

    /// <summary>
    /// Whether there are no items but those that have schemas of their own: what a tuple's schema means, and seldom
    /// says.
    /// </summary>
    public bool IsTuple { get; private init; }

    /// <summary>The most items that are written: no more than satisfiable schemas allow.</summary>
    public int? Most()
    {
        int possible = First.TakeWhile(item => item.Conflict is null).Count();
        return possible < First.Count || IsTuple || Rest.Conflict is not null ? int.Min(possible, Max ?? possible) : Max;
    }

    /// <summary>
    /// The fewest items that are written: all that have schemas of their own, unless it is said otherwise.
    /// </summary>
    public int Least() => Min ?? _shortened ?? int.Min(First.Count, Max ?? First.Count);

    /// <summary>
    /// Makes do with the items that are known to be satisfiable, where it is not said how many there must be.
    /// </summary>
    public void Shorten() => _shortened ??= Most() < Least() ? Most() : null;

    /// <summary>Why there is no such array, or null.</summary>
    public SchemaConflict? FindConflict() =>
        Max < Min ? new(Pointer, $"it wants at least {Min} items and at most {Max}") :
        Most() < Least() ? First.Append(Rest).First(item => item.Conflict is not null).Conflict :
        null;

    public bool Allows(JsonElement value) =>
        !(value.GetArrayLength() < Min) && !(value.GetArrayLength() > Max) &&
        value.EnumerateArray().Select((item, index) => (index < First.Count ? First[index] : Rest).Allows(item)).All(allowed => allowed);

    private static IEnumerable<SchemaLocation> AsList(SchemaLocation? schema) => schema is { } some ? [some] : [];

    private static SchemaLocation[] FirstOf(SchemaLocation schema)
    {
        // Before 2020-12, 'items' did the work of both.
        SchemaLocation? items = schema.Keyword("prefixItems") ?? schema.Find("items");
        if (items?.Count > MaxDescribed)
        {
            throw new ArgumentException($"The schema describes more than {MaxDescribed} items one by one at {items.Pointer}: describe fewer.", "schema");
        }

        return items is null ? [] : [.. items.Items];
    }

    private static SchemaLocation? RestOf(SchemaLocation schema)
    {
        string keyword = schema.Find("items") is { Element.ValueKind: JsonValueKind.Array } ? "additionalItems" : "items";
        return schema.Keyword(keyword);
    }
}
