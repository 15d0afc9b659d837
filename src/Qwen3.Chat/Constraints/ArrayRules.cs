namespace Qwen3.Chat.Constraints;

/// <summary>Arrays, as rules.</summary>
internal static class ArrayRules
{
    public static string Of(ArrayShape shape, JsonRules json, Func<SchemaNode, string> ruleOf)
    {
        int? limit = shape.Limit();
        string items = "";
        int described = int.Min(shape.First.Count, limit ?? shape.First.Count);
        if (!(limit <= described))
        {
            items = Rest(shape, described, limit, json, ruleOf(shape.Rest));
        }

        // From the last to the first, for an item that may be left out takes those behind it along.
        for (int index = described - 1; index >= 0; index--)
        {
            string item = Gbnf.Sequence(index > 0 ? json.Comma : "", ruleOf(shape.First[index]), items);
            items = index == 0 || index < shape.Min ? item : Gbnf.Optional(item);
        }

        items = items.Length == 0 ? "" : $"{items} {json.Space}";
        return json.Builder.Add(Gbnf.Sequence("\"[\"", json.Space, shape.Min == 0 ? Gbnf.Optional(items) : items, "\"]\""), "array");
    }

    /// <summary>The items behind the first few.</summary>
    private static string Rest(ArrayShape shape, int described, int? limit, JsonRules json, string item)
    {
        string next = json.Builder.Add($"{json.Comma} {item}", $"next-{item}");
        int min = int.Max(shape.Min - described, 0);
        return described > 0
            ? Repetition.Of(json.Builder, next, min, limit - described)
            : Gbnf.Sequence(item, Repetition.Of(json.Builder, next, int.Max(min - 1, 0), limit - 1));
    }
}
