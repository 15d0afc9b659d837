namespace Qwen3.Chat.Constraints;

/// <summary>Objects, as rules that grow with the number of properties and no faster.</summary>
internal static class ObjectRules
{
    // Telling other names from longer ones would nest deeper than llama.cpp's parser should have to go.
    private const int NameLimit = 100;

    public static string Of(ObjectShape shape, JsonRules json, Func<SchemaNode, string> ruleOf)
    {
        PropertyShape[] properties = [.. shape.Properties.Where(property => property.Node.Refusal is null)];
        (string Text, bool IsRequired)[] members =
        [
            .. properties.Select(property => (json.Member(Gbnf.Literal(EnumValues.Quote(property.Name)), ruleOf(property.Node)), property.IsRequired)),
        ];
        SchemaNode[] others = [.. shape.Additional.Where(node => node.Refusal is null)];
        string? additional = others.Length > 0 && shape.Properties.All(property => property.Name.Length <= NameLimit)
            ? json.Builder.Add(json.Member(
                MemberNames.NoneOf([.. shape.Properties.Select(property => property.Name)], json), Gbnf.Alternatives(others.Select(ruleOf).Distinct())),
                "member")
            : null;
        bool hasRequired = members.Any(member => member.IsRequired);
        string content =
            json.HasAnyOrder && TryAnyOrder(properties, members, additional, json) is { } unordered ? unordered :
            hasRequired ? AroundRequired(members, additional, json) :
            AllOptional(members, additional, json);
        content = content.Length == 0 ? "" : $"{content} {json.Space}";
        return json.Builder.Add(Gbnf.Sequence("\"{\"", json.Space, hasRequired ? content : Gbnf.Optional(content), "\"}\""), "object");
    }

    /// <summary>Each member once and in any order, but the discriminator first; null where there is one order only.</summary>
    private static string? TryAnyOrder(PropertyShape[] properties, (string Text, bool IsRequired)[] members, string? additional, JsonRules json)
    {
        bool hasDiscriminator = properties is [{ Name: ObjectShape.Discriminator }, ..];
        (string Text, bool IsRequired)[] free = members[(hasDiscriminator ? 1 : 0)..];
        if (free.Length + (additional is null ? 0 : 1) < 2 || (hasDiscriminator && !members[0].IsRequired))
        {
            return null;
        }

        // Members are told apart by their names, so that no two have the same rule.
        IEnumerable<string> names = free.Select(member => json.Builder.Add(member.Text, "member") + (member.IsRequired ? "!" : ""));
        string any = $"&{(hasDiscriminator ? "+" : "")}({json.Comma} | {string.Join(' ', names)}{(additional is null ? "" : $" | {additional}")})";
        return !hasDiscriminator ? any : Gbnf.Sequence(members[0].Text, free.Any(member => member.IsRequired) ? any : Gbnf.Optional(any));
    }

    /// <summary>What stands before the first required member brings the comma behind it along, what stands after it the comma before it.</summary>
    private static string AroundRequired((string Text, bool IsRequired)[] members, string? additional, JsonRules json)
    {
        int required = System.Array.FindIndex(members, member => member.IsRequired);
        return Gbnf.Sequence(
            members.Select((member, index) =>
                index < required ? Gbnf.Optional($"{member.Text} {json.Comma}") :
                index == required ? member.Text :
                member.IsRequired ? $"{json.Comma} {member.Text}" : Gbnf.Optional($"{json.Comma} {member.Text}"))
            .Append(additional is null ? "" : $"({json.Comma} {additional})*"));
    }

    /// <summary>One alternative for each member that may be the first, and behind it a rule for what may follow.</summary>
    private static string AllOptional((string Text, bool IsRequired)[] members, string? additional, JsonRules json)
    {
        string following = additional is null ? "" : json.Builder.Add($"({json.Comma} {additional})*", "more");
        List<string> alternatives = additional is null ? [] : [Gbnf.Sequence(additional, following)];
        for (int index = members.Length - 1; index >= 0; index--)
        {
            string member = index == 0 ? members[0].Text : json.Builder.Add(members[index].Text, "member");
            alternatives.Insert(0, Gbnf.Sequence(member, following));
            following = index == 0 ? "" : json.Builder.Add(Gbnf.Sequence(Gbnf.Optional($"{json.Comma} {member}"), following), "more");
        }

        return alternatives.Count == 0 ? "" : Gbnf.Alternatives(alternatives);
    }
}
