namespace Qwen3.Agents;

/// <summary>The names of the workflow's nodes, the same in every process so that checkpoints are resumed.</summary>
internal static class ExecutorIds
{
    public const string Plan = "plan";
    public const string Steps = "steps";
    public const string Answer = "answer";
    public const string PlanReview = "plan-review";
    public const string ToolApproval = "tool-approval";
}
