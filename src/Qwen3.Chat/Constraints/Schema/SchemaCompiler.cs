using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.Chat.Constraints;

/// <summary>Compiles JSON schemas into rules of a grammar.</summary>
internal sealed class SchemaCompiler
{
    private readonly GrammarBuilder _builder;
    private readonly SchemaBudget _budget;
    private readonly SchemaLog _log;
    private readonly JsonRules _json;
    private readonly Dictionary<SchemaNode, GrammarRule> _rules = [];
    private readonly HashSet<SchemaNode> _open = [];

    /// <param name="builder">Where the rules go, whatever others it has.</param>
    /// <param name="logger">Is warned of keywords that are not enforced.</param>
    /// <param name="hasFixedSpaces">
    /// Whether there is one space behind each comma and colon and none elsewhere; else lines may be broken as people
    /// do.
    /// </param>
    /// <param name="budget">Limits the work; by default as much as one schema may take.</param>
    /// <param name="hasAnyOrder">Whether properties come in any order.</param>
    public SchemaCompiler(GrammarBuilder builder, ILogger? logger = null, bool hasFixedSpaces = false, SchemaBudget? budget = null, bool hasAnyOrder = false)
    {
        _builder = builder;
        _budget = budget ?? new();
        _log = new(logger);
        _json = new(builder, _budget, hasFixedSpaces, hasAnyOrder);
    }

    /// <summary>Adds the rules of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="isolatesProperties">
    /// Whether its properties are a function's parameters, which may have been described each on its own: see
    /// <see cref="SchemaReferences"/>.
    /// </param>
    /// <param name="isStrict">Whether properties come in the declared order in any case.</param>
    /// <returns>The rule for what the schema allows.</returns>
    /// <exception cref="ArgumentException">
    /// Nothing satisfies the schema, or it cannot be read, or it is too large.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Expression Compile(JsonElement schema, bool isolatesProperties = false, bool isStrict = false)
    {
        if (schema.ValueKind == JsonValueKind.Object && JsonMarshal.GetRawUtf8Value(schema).Length is > SchemaBudget.MaxBytes and var size)
        {
            throw new ArgumentException($"The schema has {size} bytes, more than {SchemaBudget.MaxBytes}: make it smaller.", nameof(schema));
        }

        _budget.StartSchema();
        _json.IsStrict = isStrict;
        _log.StartSchema();
        return Rule(new SchemaGraph(new SchemaDocument(schema, _log, _budget, isolatesProperties), _log).Root);
    }

    private Expression Rule(SchemaNode node)
    {
        if (_rules.TryGetValue(node, out GrammarRule? rule))
        {
            return Expression.Rule(rule);
        }

        if (!_open.Add(node))
        {
            // The node is on the way to itself. Only then does its rule need a name before it has a body.
            return Expression.Rule(_rules[node] = _builder.Reserve("node"));
        }

        _budget.Spend(1);

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new ArgumentException($"The schema leads too deep at {node.Pointer}: make it flatter.", "schema");
        }

        Expression body = Expression.Alternatives(node.Variants.Where(variant => variant.FindConflict() is null).SelectMany(Alternatives));
        if (_rules.TryGetValue(node, out GrammarRule? reserved))
        {
            _builder.Define(reserved, body);
            return Expression.Rule(reserved);
        }

        _open.Remove(node);
        Expression one = _builder.Add(body, "one");
        _rules[node] = one.Target!;
        return one;
    }

    private IEnumerable<Expression> Alternatives(SchemaVariant variant)
    {
        if (variant.Values is { } values)
        {
            _budget.Spend(values.Count);
            return values.Select(value => EnumValues.ToExpression(value, _json));
        }

        return variant is { Types: JsonTypes.Any, Numbers.IsUnlimited: true, Strings.IsUnlimited: true, Array: null, Object: null }
            ? [_json.Value]
            : Enum.GetValues<JsonTypes>().Reverse().Where(variant.IsPossible).Select(type => For(type, variant)).OfType<Expression>();
    }

    private Expression? For(JsonTypes type, SchemaVariant variant) => type switch
    {
        JsonTypes.Object => variant.Object is { } shape ? ObjectRules.For(shape, _json, Rule) : _json.Object,
        JsonTypes.Array => variant.Array is { } shape ? ArrayRules.For(shape, _json, Rule) : _json.Array,
        JsonTypes.String => StringRules.For(variant.Strings!, _json),
        JsonTypes.Fraction => NumberRules.For(variant.Numbers, isInteger: false, _json),
        // A number's rule has the integers, too.
        JsonTypes.Integer => variant.Types.HasFlag(JsonTypes.Fraction) ? null : NumberRules.For(variant.Numbers, isInteger: true, _json),
        JsonTypes.Boolean => _json.Boolean,
        _ => "null",
    };
}
