using Qwen3.Chat.Constraints.Patterns;

namespace Qwen3.Chat.Constraints;

/// <summary>Strings, as rules.</summary>
internal static class StringRules
{
    public static Expression For(StringFacts facts, JsonRules json)
    {
        if (facts.IsUnlimited)
        {
            return json.Text;
        }

        Expression content = facts.Format is { } format ? FormatRules.For(format, json)
            : facts.Pattern is { } pattern ? PatternRules.For(pattern, json)
            // One character is what .NET says of a char.
            : Repetition.Of(json.Builder, facts.MaxLength == 1 ? json.SmallCharacter : json.Character, facts.MinLength, facts.MaxLength);
        return json.Builder.Add("\"" + content + "\"", "text");
    }
}
