namespace Qwen3.Chat.Constraints;

/// <summary>Arrays, as rules.</summary>
internal static class ArrayRules
{
    public static Expression For(ArrayShape shape, JsonRules json, Func<SchemaNode, Expression> ruleOf)
    {
        (int min, int? limit) = (shape.Least(), shape.Most());
        Expression items = Expression.Empty;
        int described = int.Min(shape.First.Count, limit ?? shape.First.Count);
        if (!(limit <= described))
        {
            items = Rest(described, min, limit, json, ruleOf(shape.Rest));
        }

        // From the last to the first, for an item that may be left out takes those behind it along; as rules, for
        // nesting might go deep.
        for (int index = described - 1; index >= 0; index--)
        {
            Expression item = (index > 0 ? json.Comma : Expression.Empty) + ruleOf(shape.First[index]) + items;
            items = index == 0 || index < min ? item : json.Builder.Add(item.Optional(), "more");
        }

        items = items.IsEmpty ? items : items + json.Space;
        return json.Builder.Add("[" + json.Space + (min == 0 ? items.Optional() : items) + "]", "array");
    }

    /// <summary>The items behind the first few.</summary>
    private static Expression Rest(int described, int least, int? limit, JsonRules json, Expression item)
    {
        Expression next = json.Builder.Add(json.Comma + item, $"next-{item.Target?.Name}");
        int min = int.Max(least - described, 0);
        return described > 0
            ? Repetition.Of(json.Builder, next, min, limit - described)
            : item + Repetition.Of(json.Builder, next, int.Max(min - 1, 0), limit - 1);
    }
}
