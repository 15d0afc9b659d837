using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Constraints;

/// <summary>Compiles JSON schemas into rules of a grammar.</summary>
/// <param name="builder">Where the rules go, whatever others it has.</param>
/// <param name="logger">Is warned of keywords that are not enforced.</param>
/// <param name="hasFixedSpaces">Whether there is one space behind each comma and colon and none elsewhere; else lines may be broken as people do.</param>
internal sealed class SchemaCompiler(GrammarBuilder builder, ILogger? logger = null, bool hasFixedSpaces = false)
{
    private readonly JsonRules _json = new(builder, hasFixedSpaces);
    private readonly Dictionary<SchemaNode, string> _names = [];
    private readonly HashSet<SchemaNode> _open = [];

    /// <summary>Adds the rules of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="isolatesProperties">
    /// Whether its properties are a function's parameters, which may have been described each on its own: see <see cref="SchemaReferences"/>.
    /// </param>
    /// <returns>The name of the rule for what the schema allows.</returns>
    /// <exception cref="ArgumentException">Nothing satisfies the schema, or it cannot be read.</exception>
    public string Compile(JsonElement schema, bool isolatesProperties = false)
    {
        var log = new SchemaLog(logger);
        return Rule(new SchemaGraph(new SchemaDocument(schema, log, isolatesProperties), log).Root);
    }

    private string Rule(SchemaNode node)
    {
        if (_names.TryGetValue(node, out string? name))
        {
            return name;
        }

        if (!_open.Add(node))
        {
            // The node is on the way to itself. Only then does its rule need a name before it has a body.
            return _names[node] = builder.Reserve("node");
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new ArgumentException($"The schema leads too deep at {node.Pointer}: make it flatter.", "schema");
        }

        string body = string.Join(" | ", node.Variants.Where(variant => variant.Refuse() is null).SelectMany(Alternatives).Distinct());
        if (_names.TryGetValue(node, out string? reserved))
        {
            builder.Define(reserved, body);
            return reserved;
        }

        _open.Remove(node);
        return _names[node] = builder.Add(body, "one");
    }

    private IEnumerable<string> Alternatives(SchemaVariant variant)
    {
        if (variant.Values is { } values)
        {
            return values.Select(value => EnumValues.ToExpression(value, _json));
        }

        return variant is { Types: JsonTypes.Any, Numbers.IsUnlimited: true, Strings.IsUnlimited: true, Array: null, Object: null }
            ? [_json.Value]
            : Enum.GetValues<JsonTypes>().Reverse().Where(variant.IsPossible).Select(type => Of(type, variant)).OfType<string>();
    }

    private string? Of(JsonTypes type, SchemaVariant variant) => type switch
    {
        JsonTypes.Object => variant.Object is { } shape ? ObjectRules.Of(shape, _json, Rule) : _json.Object,
        JsonTypes.Array => variant.Array is { } shape ? ArrayRules.Of(shape, _json, Rule) : _json.Array,
        JsonTypes.String => StringRules.Of(variant.Strings!, _json),
        JsonTypes.Fraction => NumberRules.Of(variant.Numbers, isInteger: false, _json),
        // A number's rule has the integers, too.
        JsonTypes.Integer => variant.Types.HasFlag(JsonTypes.Fraction) ? null : NumberRules.Of(variant.Numbers, isInteger: true, _json),
        JsonTypes.Boolean => _json.Boolean,
        _ => "\"null\"",
    };
}
