using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>Objects, as rules that grow with the number of properties and no faster.</summary>
internal static class ObjectRules
{
    // Telling other names from longer ones would nest deeper than llama.cpp's parser should have to go.
    private const int NameLimit = 100;

    public static Expression For(ObjectShape shape, JsonRules json, Func<SchemaNode, Expression> ruleOf)
    {
        PropertyShape[] properties = [.. shape.Properties.Where(property => property.Node.Conflict is null)];
        (Expression Text, bool IsRequired)[] members =
        [
            .. properties.Select(property => (json.Member(EnumValues.Quote(property.Name), ruleOf(property.Node)), property.IsRequired)),
        ];
        SchemaNode[] others = [.. shape.Additional.Where(node => node.Conflict is null)];
        Expression? additional = others.Length > 0 && shape.Properties.All(property => property.Name.Length <= NameLimit)
            ? json.Builder.Add(json.Member(
                MemberNames.NoneOf([.. shape.Properties.Select(property => property.Name)], json), Any(others.Select(ruleOf))),
                "member")
            : null;
        bool hasRequired = members.Any(member => member.IsRequired);
        Expression content =
            json.HasAnyOrder && TryAnyOrder(properties, members, additional, json) is { } unordered ? unordered :
            hasRequired ? AroundRequired(members, additional, json) :
            AllOptional(members, additional, json);
        content = content.IsEmpty ? content : content + json.Space;
        return json.Builder.Add("{" + json.Space + (hasRequired ? content : content.Optional()) + "}", "object");
    }

    /// <summary>
    /// Each member once and in any order, but the discriminator first; null where there is one order only.
    /// </summary>
    private static Expression? TryAnyOrder(PropertyShape[] properties, (Expression Text, bool IsRequired)[] members, Expression? additional, JsonRules json)
    {
        bool hasDiscriminator = properties is [{ Name: ObjectShape.Discriminator }, ..];
        (Expression Text, bool IsRequired)[] free = members[(hasDiscriminator ? 1 : 0)..];
        if (free.Length + (additional is null ? 0 : 1) < 2 || (hasDiscriminator && !members[0].IsRequired))
        {
            return null;
        }

        Expression any = Expression.Unordered(
            json.Comma,
            [.. free.Where(member => member.IsRequired).Select(AsRule)],
            [.. free.Where(member => !member.IsRequired).Select(AsRule)],
            additional,
            startsWithSeparator: hasDiscriminator);
        return !hasDiscriminator ? any : members[0].Text + (free.Any(member => member.IsRequired) ? any : any.Optional());

        Expression AsRule((Expression Text, bool IsRequired) member) => json.Builder.Add(member.Text, "member");
    }

    /// <summary>
    /// What stands before the first required member brings the comma behind it along, what stands after it the comma
    /// before it.
    /// </summary>
    private static Expression AroundRequired((Expression Text, bool IsRequired)[] members, Expression? additional, JsonRules json)
    {
        int required = System.Array.FindIndex(members, member => member.IsRequired);
        return Sequence(
            members.Select((member, index) =>
                index < required ? (member.Text + json.Comma).Optional() :
                index == required ? member.Text :
                member.IsRequired ? json.Comma + member.Text : (json.Comma + member.Text).Optional())
            .Append(additional is null ? Expression.Empty : (json.Comma + additional).Star()));
    }

    /// <summary>
    /// One alternative for each member that may be the first, and behind it a rule for what may follow.
    /// </summary>
    private static Expression AllOptional((Expression Text, bool IsRequired)[] members, Expression? additional, JsonRules json)
    {
        Expression following = additional is null ? Expression.Empty : json.Builder.Add((json.Comma + additional).Star(), "more");
        List<Expression> alternatives = additional is null ? [] : [additional + following];
        for (int index = members.Length - 1; index >= 0; index--)
        {
            Expression member = index == 0 ? members[0].Text : json.Builder.Add(members[index].Text, "member");
            alternatives.Add(member + following);
            following = index == 0 ? following : json.Builder.Add((json.Comma + member).Optional() + following, "more");
        }

        alternatives.Reverse();
        return alternatives.Count == 0 ? Expression.Empty : Any(alternatives);
    }
}
