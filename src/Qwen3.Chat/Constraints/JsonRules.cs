namespace Qwen3.Chat.Constraints;

/// <summary>The rules that JSON itself has. Each is added to the grammar when it is first asked for.</summary>
/// <param name="builder">The grammar.</param>
/// <param name="budget">Limits the work.</param>
/// <param name="hasFixedSpaces">Whether there is one space behind each comma and colon and none elsewhere.</param>
/// <param name="hasAnyOrder">Whether the members of objects come in any order, in the extended notation of grammars, unless the schema has one order.</param>
internal sealed class JsonRules(GrammarBuilder builder, SchemaBudget budget, bool hasFixedSpaces, bool hasAnyOrder)
{
    // System.Text.Json reads no more than 64 levels, of which others may be around a free value; and a model that is lost opens brackets without end.
    private const int DepthLimit = 20;

    private string? _value;

    /// <summary>A character that stands for itself in a string.</summary>
    public const string RawCharacter = "[^\"\\\\\\x00-\\x1F\\x7F]";

    public GrammarBuilder Builder => builder;

    public SchemaBudget Budget => budget;

    /// <summary>Whether the members of objects come in any order.</summary>
    public bool HasAnyOrder => hasAnyOrder && !IsStrict;

    public bool IsStrict { get; set; }

    /// <summary>Where a line may be broken: nothing, a space, or a line break and the indentation after it; empty where spaces are fixed.</summary>
    public string Space => hasFixedSpaces ? "" : builder.Add("| \" \" | \"\\n\" [ \\t]{0,20}", "ws");

    /// <summary>What separates items and members.</summary>
    public string Comma => builder.Add(hasFixedSpaces ? "\", \"" : $"\",\" {Space}", "comma");

    /// <summary>A character of a string. Of the escapes of surrogates only pairs, for half a one is no text to .NET.</summary>
    public string Character => builder.Add(
        RawCharacter + " | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" (" +
        "[0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] ([0-7] [0-9a-fA-F]{2} | [89abAB] [0-9a-fA-F]{2} \"\\\\u\" [dD] [c-fC-F] [0-9a-fA-F]{2})))",
        "char");

    /// <summary>A character that .NET's <see cref="char"/> holds.</summary>
    public string SmallCharacter => builder.Add(
        $"{RawCharacter[..^1]}\\U00010000-\\U0010FFFF] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" ([0-9a-cA-CefEF] [0-9a-fA-F]{{3}} | [dD] [0-7] [0-9a-fA-F]{{2}}))",
        "char");

    public string Text => builder.Add($"\"\\\"\" {Character}* \"\\\"\"", "string");

    /// <summary>An integer that <see cref="long"/> holds.</summary>
    public string Integer => builder.Add(
        string.Join(" | ", [.. IntegerDigits.Between(-long.MaxValue, long.MaxValue), Gbnf.Literal($"{long.MinValue}")]), "integer");

    /// <summary>A number that <see cref="decimal"/> and <see cref="double"/> hold.</summary>
    public string Number => builder.Add(
        "\"-\"? ((\"0\" | [1-9] [0-9]{0,3}) (\".\" [0-9]{1,16})? ([eE] (\"-\" [0-9]{1,2} | \"+\"? (\"1\"? [0-9] | \"2\" [0-4])))? " +
        "| [1-9] [0-9]{4,15} (\".\" [0-9]{1,16})?)",
        "number");

    public string Boolean => builder.Add("\"true\" | \"false\"", "bool");

    /// <summary>Any JSON, as deep as free values nest.</summary>
    public string Value => _value ??= Deeper(DepthLimit);

    public string Array => builder.Add(ArrayOf(Value), "array");

    public string Object => builder.Add(ObjectOf(Value), "object");

    /// <summary>A member of an object, of which the name is an expression.</summary>
    public string Member(string name, string value) => $"{name} {builder.Add(hasFixedSpaces ? "\": \"" : "\":\" \" \"?", "colon")} {value}";

    private string Deeper(int depth)
    {
        string plain = builder.Add($"{Text} | {Number} | {Boolean} | \"null\"", "plain");
        if (depth == 0)
        {
            return plain;
        }

        string inner = Deeper(depth - 1);
        return builder.Add($"{ObjectOf(inner)} | {ArrayOf(inner)} | {plain}", "any");
    }

    private string ArrayOf(string item) => $"\"[\" {Space} ({item} ({Comma} {item})* {Space})? \"]\"";

    private string ObjectOf(string value) => $"\"{{\" {Space} ({Member(Text, value)} ({Comma} {Member(Text, value)})* {Space})? \"}}\"";
}
