using static Qwen3.Chat.Constraints.Expressions;

namespace Qwen3.Chat.Constraints;

/// <summary>Names of members that a schema does not declare.</summary>
internal static class MemberNames
{
    /// <summary>
    /// A name, in quotes, that is none of <paramref name="names"/>. Where there are names, it has no escapes, which
    /// could spell one of them.
    /// </summary>
    public static Expression NoneOf(IReadOnlyCollection<string> names, JsonRules json)
    {
        if (names.Count == 0)
        {
            return json.Text;
        }

        // A name that is written with escapes is none without.
        string[] plain = [.. names.Where(name => EnumValues.Quote(name).Length == name.Length + 2)];
        return json.Builder.Add("\"" + Remainders(plain, json) + "\"", "name");
    }

    /// <summary>What is none of the texts, sorted out character by character.</summary>
    private static Expression Remainders(IReadOnlyCollection<string> texts, JsonRules json)
    {
        var alternatives = new List<Expression>();
        var heads = texts.Where(text => text.Length > 0)
            .GroupBy(text => char.ConvertToUtf32(text, 0))
            .OrderBy(group => group.Key)
            .ToList();
        Expression any = json.Builder.Add(JsonRules.RawCharacter.Star(), "name-rest");
        foreach (var head in heads)
        {
            string character = char.ConvertFromUtf32(head.Key);
            alternatives.Add(character + Remainders([.. head.Select(text => text[character.Length..])], json));
        }

        (int, int)[] excluded = [.. heads.Select(head => (head.Key, head.Key)), ('"', '"'), ('\\', '\\'), (0, 0x1F), (0x7F, 0x7F)];
        alternatives.Add(Expression.Characters(excluded, isInverted: true) + any);
        return texts.Contains("") ? Any(alternatives) : Any(alternatives).Optional();
    }
}
