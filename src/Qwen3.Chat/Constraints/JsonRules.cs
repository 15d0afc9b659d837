namespace Qwen3.Chat.Constraints;

/// <summary>The rules that JSON itself has. Each is added to the grammar when it is first asked for.</summary>
internal sealed class JsonRules(GrammarBuilder builder)
{
    /// <summary>A character that stands for itself in a string.</summary>
    public const string RawCharacter = "[^\"\\\\\\x00-\\x1F\\x7F]";

    public GrammarBuilder Builder => builder;

    /// <summary>Where a line may be broken: nothing, a space, or a line break and the indentation after it.</summary>
    public string Space => builder.Add("| \" \" | \"\\n\" [ \\t]{0,20}", "ws");

    /// <summary>What separates items and members.</summary>
    public string Comma => builder.Add($"\",\" {Space}", "comma");

    /// <summary>A character of a string. Of the escapes of surrogates only pairs, for half a one is no text to .NET.</summary>
    public string Character => builder.Add(
        RawCharacter + " | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" (" +
        "[0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] ([0-7] [0-9a-fA-F]{2} | [89abAB] [0-9a-fA-F]{2} \"\\\\u\" [dD] [c-fC-F] [0-9a-fA-F]{2})))",
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

    /// <summary>Any JSON.</summary>
    public string Value => builder.AddRecursive("any", () => $"{Object} | {Array} | {Text} | {Number} | {Boolean} | \"null\"");

    public string Array => builder.Add($"\"[\" {Space} ({Value} ({Comma} {Value})* {Space})? \"]\"", "array");

    public string Object => builder.Add($"\"{{\" {Space} ({Member(Text, Value)} ({Comma} {Member(Text, Value)})* {Space})? \"}}\"", "object");

    /// <summary>A member of an object, of which the name is an expression.</summary>
    public string Member(string name, string value) => $"{name} {builder.Add("\":\" \" \"?", "colon")} {value}";
}
