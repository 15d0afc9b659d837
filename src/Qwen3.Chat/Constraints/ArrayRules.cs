namespace Qwen3.Chat.Constraints;

/// <summary>Arrays, as rules.</summary>
internal static class ArrayRules
{
    public static string Of(ArrayShape shape, JsonRules json, Func<SchemaNode, string> ruleOf)
    {
        (int min, int? limit) = (shape.Least(), shape.Most());
        string items = "";
        int described = int.Min(shape.First.Count, limit ?? shape.First.Count);
        if (!(limit <= described))
        {
            items = Rest(described, min, limit, json, ruleOf(shape.Rest));
        }

        // From the last to the first, for an item that may be left out takes those behind it along; as rules, for nesting might go deep.
        for (int index = described - 1; index >= 0; index--)
        {
            string item = Gbnf.Sequence(index > 0 ? json.Comma : "", ruleOf(shape.First[index]), items);
            items = index == 0 || index < min ? item : json.Builder.Add(Gbnf.Optional(item), "more");
        }

        items = items.Length == 0 ? "" : $"{items} {json.Space}";
        return json.Builder.Add(Gbnf.Sequence("\"[\"", json.Space, min == 0 ? Gbnf.Optional(items) : items, "\"]\""), "array");
    }

    /// <summary>The items behind the first few.</summary>
    private static string Rest(int described, int least, int? limit, JsonRules json, string item)
    {
        string next = json.Builder.Add($"{json.Comma} {item}", $"next-{item}");
        int min = int.Max(least - described, 0);
        return described > 0
            ? Repetition.Of(json.Builder, next, min, limit - described)
            : Gbnf.Sequence(item, Repetition.Of(json.Builder, next, int.Max(min - 1, 0), limit - 1));
    }
}
