using Qwen3.Chat.Constraints.Patterns;

namespace Qwen3.Chat.Constraints;

/// <summary>Strings, as rules.</summary>
internal static class StringRules
{
    public static string Of(StringFacts facts, JsonRules json)
    {
        if (facts.IsUnlimited)
        {
            return json.Text;
        }

        string content = facts.Format is { } format ? FormatRules.Of(format, json)
            : facts.Pattern is { } pattern ? PatternRules.Of(pattern, json)
            // One character is what .NET says of a char.
            : Repetition.Of(json.Builder, facts.MaxLength == 1 ? json.SmallCharacter : json.Character, facts.MinLength, facts.MaxLength);
        return json.Builder.Add(Gbnf.Sequence("\"\\\"\"", content, "\"\\\"\""), "text");
    }
}
