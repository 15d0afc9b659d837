using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using PlanAndExecute.Display;
using Qwen3.Agents;

namespace PlanAndExecute;

/// <summary>Asks the person at the console.</summary>
internal static class Person
{
    private static readonly string[] s_yes =
        ["y", "yes", "yep", "yeah", "ok", "okay", "sure", "j", "ja", "oui", "si", "sí", "sì", "sim", "da", "да", "tak", "はい", "是"];

    private static readonly string[] s_no =
        ["n", "no", "nope", "nein", "nee", "non", "não", "нет", "nie", "いいえ", "不"];

    /// <summary>Asks until there is an answer that can be understood.</summary>
    /// <returns>The response; <see langword="null"/> if the input has ended.</returns>
    public static ExternalResponse? Answer(ExternalRequest request)
    {
        if (Question.Of<ToolApprovalRequestContent>(request) is { } approval)
        {
            return Ask($"May it call {Wording.Of(approval.ToolCall)}? (y, n, or why not) ") is var (isApproved, reason)
                ? request.CreateResponse(approval.CreateResponse(isApproved, reason))
                : null;
        }

        return Ask("Shall it carry out this plan? (y, n, or what to do better) ") switch
        {
            null => null,
            (true, _) => request.CreateResponse(PlanDecision.Approve()),
            (false, var feedback) => request.CreateResponse(PlanDecision.Refuse(feedback)),
        };
    }

    private static (bool IsApproved, string? Reason)? Ask(string question)
    {
        while (true)
        {
            Console.Write(question);
            string? said = Console.ReadLine()?.Trim();
            if (Console.IsInputRedirected)
            {
                // What a person types ends the line.
                Console.WriteLine(said);
            }

            if (said is null)
            {
                return null;
            }

            string[] words = said.ToLowerInvariant()
                .Split([' ', ',', '.', '!', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length > 0 && !s_yes.Contains(words[0]))
            {
                return (false, words is [var no] && s_no.Contains(no) ? null : said);
            }

            if (words.Length > 0 && words[1..].All(word => word is "please" or "bitte" || s_yes.Contains(word)))
            {
                return (true, null);
            }

            // Nothing, or a yes with a condition: not to be taken for an approval.
            Console.WriteLine("Please answer y or n, or say why not.");
        }
    }
}
