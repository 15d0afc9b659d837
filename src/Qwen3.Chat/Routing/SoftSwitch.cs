using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;

namespace Qwen3.Chat.Routing;

/// <summary>
/// Reads the soft switches <c>/think</c> and <c>/no_think</c>, which the hybrid model was trained to honour in user and
/// system messages. The last one wins. A switch inside a quotation or code is text.
/// </summary>
internal static partial class SoftSwitch
{
    /// <summary>Returns whether switches in messages of a role count.</summary>
    public static bool AppliesTo(ChatRole role) =>
        role == ChatRole.User || role == ChatRole.System || role == TurnReader.Developer;

    /// <summary>
    /// Returns whether the last switch in a text turns thinking on, or <see langword="null"/> if there is none.
    /// </summary>
    public static bool? Last(string text) => Find(text) is [.., Match last] ? Thinks(last) : null;

    /// <summary>Returns whether the last of the switches at the end of a text turns thinking on.</summary>
    /// <param name="before">What precedes the text in its message, which may open a quotation.</param>
    /// <param name="text">The text.</param>
    /// <param name="rest">The text without the switches at its end.</param>
    /// <returns><see langword="null"/> if there is no switch.</returns>
    public static bool? AtEnd(string before, string text, out string rest)
    {
        bool? thinks = null;
        string whole = before.Length == 0 ? text : $"{before}\n{text}";
        int start = whole.Length - text.Length;
        int end = whole.Length;
        foreach (Match match in Find(whole).Reverse<Match>())
        {
            int matchEnd = match.Index + match.Length;
            if (match.Index < start || !whole.AsSpan(matchEnd, end - matchEnd).IsWhiteSpace())
            {
                break;
            }

            thinks ??= Thinks(match);
            end = match.Index;
        }

        rest = thinks is null ? text : whole[start..end].TrimEnd();
        return thinks;
    }

    private static List<Match> Find(string text)
    {
        List<Match> matches = [.. Words().Matches(text).Cast<Match>()];
        if (matches.Count > 0)
        {
            BitArray quoted = QuotedText.Find(text);
            matches.RemoveAll(match => quoted[match.Index]);
        }

        return matches;
    }

    private static bool Thinks(Match match) => match.Value == "/think";

    // Not the beginning or the end of a path.
    [GeneratedRegex(@"(?<!\S)/(no_)?think(?![\w/])")]
    private static partial Regex Words();
}
