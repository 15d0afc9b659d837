using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;

namespace Qwen3.Chat;

/// <summary>
/// The words <c>/think</c> and <c>/no_think</c>, which the hybrid model was trained to heed in user and system messages: the last one wins.
/// </summary>
internal static partial class SoftSwitch
{
    /// <summary>Whether a switch in a message of this role counts.</summary>
    public static bool IsHeededIn(ChatRole role) => role == ChatRole.User || role == ChatRole.System || role == TurnReader.Developer;

    /// <summary>Whether the last switch in a text turns thinking on; <see langword="null"/> if there is none.</summary>
    public static bool? Last(string text) => Words().Matches(text).LastOrDefault() is { } match ? Thinks(match) : null;

    /// <summary>
    /// Whether the last of the switches at the end of a text turns thinking on, and the text without them; <see langword="null"/> if there are none.
    /// </summary>
    public static bool? AtEnd(string text, out string rest)
    {
        bool? thinks = null;
        rest = text;
        foreach (Match match in Words().Matches(text).Reverse())
        {
            if (!string.IsNullOrWhiteSpace(rest[(match.Index + match.Length)..]))
            {
                break;
            }

            thinks ??= Thinks(match);
            rest = rest[..match.Index].TrimEnd();
        }

        return thinks;
    }

    private static bool Thinks(Match match) => match.Value == "/think";

    // Not what a path ends with or begins with.
    [GeneratedRegex(@"(?<!\S)/(no_)?think(?![\w/])")]
    private static partial Regex Words();
}
