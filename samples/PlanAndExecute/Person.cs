using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using PlanAndExecute.Display;
using Qwen3.Agents;

namespace PlanAndExecute;

/// <summary>Who is asked, at the console.</summary>
internal static class Person
{
    /// <returns>The answer; <see langword="null"/> if there is nobody.</returns>
    public static ExternalResponse? Answer(ExternalRequest request)
    {
        if (Question.Of<ToolApprovalRequestContent>(request) is { } approval)
        {
            return Ask($"May it call {Wording.Of(approval.ToolCall)}? (y, n, or why not) ") is { } said
                ? request.CreateResponse(approval.CreateResponse(said == "y", said is "y" or "n" ? null : said))
                : null;
        }

        return Ask("Shall it carry out this plan? (y, n, or what to do better) ") switch
        {
            null => null,
            "y" => request.CreateResponse(PlanDecision.Approve()),
            "n" => request.CreateResponse(PlanDecision.Refuse()),
            var feedback => request.CreateResponse(PlanDecision.Refuse(feedback)),
        };
    }

    private static string? Ask(string question)
    {
        string? said;
        do
        {
            Console.Write(question);
            said = Console.ReadLine()?.Trim();
        }
        while (said is "");

        // What a person types ends the line.
        if (Console.IsInputRedirected)
        {
            Console.WriteLine(said);
        }

        return said;
    }
}
