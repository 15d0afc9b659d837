using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>
/// Builds the messages for the models. All begin with the goal and the plan, so that the engine computes this prefix once for
/// parallel steps. A step reads its task and the outcomes that it depends on.
/// </summary>
internal static class Conversation
{
    public static List<ChatMessage> OfPlan(RunState run) => [.. run.History, new(ChatRole.User, run.Goal)];

    public static List<ChatMessage> OfNextPlan(RunState run, string request) => OfNextPlan(run, run.Plan, request);

    public static List<ChatMessage> OfNextPlan(RunState run, Plan plan, string request) =>
        [.. OfPlan(run), new(ChatRole.Assistant, plan.ToJson()), new(ChatRole.User, request)];

    public static List<ChatMessage> OfStep(AgentPrompts prompts, RunState run, StepState step)
    {
        string results = AgentPrompts.Lines(run.OutcomesFor(step.Step));
        string task = results.Length == 0 ? step.Step.Task : step.Step.Task + AgentPrompts.Fill(prompts.Results, ("results", results));
        return [.. OfNextPlan(run, task), .. step.Turns.SelectMany(turn => turn.ToMessages())];
    }

    public static List<ChatMessage> OfAnswer(AgentPrompts prompts, RunState run)
    {
        string results = AgentPrompts.Fill(prompts.AnswerResults, ("results", AgentPrompts.Lines(run.Outcomes())));
        string refused = AgentPrompts.Lines(run.Current
            .Where(step => step.Status == StepStatus.Refused).Select(step => (step.Step.Id, step.Step.Task)));
        return OfNextPlan(
            run, refused.Length == 0 ? results : results + AgentPrompts.Fill(prompts.AnswerRefused, ("refused", refused)));
    }

    public static List<ChatMessage> OfReplan(AgentPrompts prompts, RunState run)
    {
        string results = AgentPrompts.Lines(run.Outcomes());
        // Those of earlier plans too: what was done in them is not to be done again.
        string failures = AgentPrompts.Lines(run.Steps
            .Where(step => !step.HasEnded && ((step.Status == StepStatus.Failed && !step.IsReplaced) || step.DoneCalls().Any()))
            .Select(step => (step.Step.Id, string.Join('\n', [Describe(step), .. step.DoneCalls()]))));
        return OfNextPlan(run, AgentPrompts.Fill(prompts.Replan, ("results", results.Length == 0 ? "-" : results), ("failures", failures)));
    }

    private static string Describe(StepState step) => step.Error is { } error ? $"{step.Step.Task}: {error}" : step.Step.Task;
}
