using Microsoft.Extensions.AI;
using Qwen3.Agents;

namespace PlanAndExecute.Display;

/// <summary>What is said in the same words wherever it is shown.</summary>
internal static class Wording
{
    public static string Of(AIContent call) => call is FunctionCallContent { Name: var name, Arguments: var arguments }
        ? $"{name}({string.Join(", ", arguments?.Select(argument => $"{argument.Key}: {argument.Value}") ?? [])})"
        : $"{call}";

    public static string Of(Qwen3WorkflowResult result) =>
        $"{result.Usage.InputTokenCount} read ({result.Usage.CachedInputTokenCount} of them cached), {result.Usage.OutputTokenCount} written, in " +
        $"{result.Time.TotalSeconds:0.0} s";

    public static string Of(PlanStep step) =>
        $"{step.Id}. {step.Task}{(step.DependsOn.IsEmpty ? "" : $" (after {string.Join(" and ", step.DependsOn)})")}";
}
