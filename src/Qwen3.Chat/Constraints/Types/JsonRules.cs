using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>The rules that JSON itself has. Each is added to the grammar when it is first asked for.</summary>
/// <param name="builder">The grammar.</param>
/// <param name="budget">Limits the work.</param>
/// <param name="hasFixedSpaces">Whether there is one space behind each comma and colon and none elsewhere.</param>
/// <param name="hasAnyOrder">Whether the members of objects come in any order, unless the schema has one order.</param>
internal sealed class JsonRules(GrammarBuilder builder, SchemaBudget budget, bool hasFixedSpaces, bool hasAnyOrder)
{
    // System.Text.Json reads no more than 64 levels, of which others may be around a free value; and a model that is
    // lost opens brackets without end.
    private const int DepthLimit = 20;

    private static readonly (int, int)[] s_escaped = [('"', '"'), ('\\', '\\'), (0, 0x1F), (0x7F, 0x7F)];
    private static readonly Expression s_shortEscape = Chars("\"\\/bfnrt");
    private static readonly Expression s_plainCode = Chars("0-9a-cA-CefEF") + Hex.Times(3);
    private static readonly Expression s_pair = Chars("89abAB") + Hex.Times(2) + "\\u" + Chars("dD") + Chars("c-fC-F") + Hex.Times(2);
    private static readonly Expression s_fraction = ("." + Digit.Repeat(1, 16)).Optional();

    private static readonly Expression s_exponent = Chars("eE") +
        ("-" + Digit.Repeat(1, 2) | ((Expression)"+").Optional() + (((Expression)"1").Optional() + Digit | "2" + Chars("0-4")));

    private static readonly Expression s_scientific = ((Expression)"0" | Chars("1-9") + Digit.Repeat(0, 3)) + s_fraction + s_exponent.Optional();
    private static readonly Expression s_long = Chars("1-9") + Digit.Repeat(4, 15) + s_fraction;

    /// <summary>A character that stands for itself in a string.</summary>
    public static readonly Expression RawCharacter = Expression.Characters(s_escaped, isInverted: true);

    private Expression? _value;

    public GrammarBuilder Builder => builder;

    public SchemaBudget Budget => budget;

    /// <summary>Whether the members of objects come in any order.</summary>
    public bool HasAnyOrder => hasAnyOrder && !IsStrict;

    public bool IsStrict { get; set; }

    /// <summary>
    /// Where a line may be broken: nothing, a space, or a line break and the indentation after it; empty where spaces
    /// are fixed.
    /// </summary>
    public Expression Space => hasFixedSpaces ? Expression.Empty : builder.Add(Any([Expression.Empty, " ", "\n" + Chars(" \t").Repeat(0, 20)]), "ws");

    /// <summary>What separates items and members.</summary>
    public Expression Comma => builder.Add(hasFixedSpaces ? ", " : "," + Space, "comma");

    /// <summary>
    /// A character of a string. Of the escapes of surrogates only pairs, for half of one is no text to .NET.
    /// </summary>
    public Expression Character => builder.Add(
        RawCharacter | "\\" + (s_shortEscape | "u" + (s_plainCode | Chars("dD") + (Chars("0-7") + Hex.Times(2) | s_pair))), "char");

    /// <summary>A character that .NET's <see cref="char"/> holds.</summary>
    public Expression SmallCharacter => builder.Add(
        Expression.Characters([.. s_escaped, (0x10000, 0x10FFFF)], isInverted: true) |
        "\\" + (s_shortEscape | "u" + (s_plainCode | Chars("dD") + Chars("0-7") + Hex.Times(2))),
        "char");

    public Expression Text => builder.Add("\"" + Character.Star() + "\"", "string");

    /// <summary>An integer that <see cref="long"/> holds.</summary>
    public Expression Integer => builder.Add(Any([.. IntegerDigits.Between(-long.MaxValue, long.MaxValue), $"{long.MinValue}"]), "integer");

    /// <summary>A number that <see cref="decimal"/> and <see cref="double"/> hold.</summary>
    public Expression Number => builder.Add(((Expression)"-").Optional() + (s_scientific | s_long), "number");

    public Expression Boolean => builder.Add((Expression)"true" | "false", "bool");

    /// <summary>Any JSON, as deep as free values nest.</summary>
    public Expression Value => _value ??= Deeper(DepthLimit);

    public Expression Array => builder.Add(ArrayOf(Value), "array");

    public Expression Object => builder.Add(ObjectOf(Value), "object");

    /// <summary>A member of an object, of which the name is an expression.</summary>
    public Expression Member(Expression name, Expression value) =>
        name + builder.Add(hasFixedSpaces ? ": " : ":" + ((Expression)" ").Optional(), "colon") + value;

    private Expression Deeper(int depth)
    {
        Expression plain = builder.Add(Text | Number | Boolean | "null", "plain");
        if (depth == 0)
        {
            return plain;
        }

        Expression inner = Deeper(depth - 1);
        return builder.Add(ObjectOf(inner) | ArrayOf(inner) | plain, "any");
    }

    private Expression ArrayOf(Expression item) => "[" + Space + (item + (Comma + item).Star() + Space).Optional() + "]";

    private Expression ObjectOf(Expression value) =>
        "{" + Space + (Member(Text, value) + (Comma + Member(Text, value)).Star() + Space).Optional() + "}";
}
