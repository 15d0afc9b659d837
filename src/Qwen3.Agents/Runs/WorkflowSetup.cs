using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The dependencies of the executors of a workflow.</summary>
internal sealed record WorkflowSetup(
    PlannerAgent Planner,
    ExecutorAgent Executor,
    Qwen3WorkflowOptions Options,
    AgentsTelemetry Telemetry,
    WorkflowLog Log)
{
    /// <summary>That the run goes on from a checkpoint, if it does and is to tell so.</summary>
    public Resumption? Resumption { get; init; }

    public WorkflowLimits Limits => Options.Limits;

    public AgentPrompts Prompts => Options.Prompts;

    /// <summary>Tells how far the work is, if the run was resumed and nobody has told it.</summary>
    public ValueTask ReportResumedAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken) =>
        Resumption?.ReportAsync(state, context, cancellationToken) ?? default;

    /// <summary>Lets a request have as many tokens as are left.</summary>
    public ChatOptions Limit(ChatOptions options, long tokens)
    {
        if (Limits.MaxTokens is { } max)
        {
            options.MaxOutputTokens = (int)Math.Clamp(max - tokens, 1, options.MaxOutputTokens ?? int.MaxValue);
        }

        return options;
    }
}

/// <summary>Announces that a run resumes from a checkpoint. The first executor that resumes reports the progress.</summary>
internal sealed class Resumption
{
    private int _isReported;

    public bool IsReported => Volatile.Read(ref _isReported) != 0;

    public ValueTask ReportAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isReported, 1) == 0
            ? context.AddEventAsync(new ResumedEvent(state.Plan, state.StepResults()), cancellationToken)
            : default;
}

/// <summary>The names of the workflow's nodes, the same in every process so that checkpoints are resumed.</summary>
internal static class ExecutorIds
{
    public const string Plan = "plan";
    public const string Steps = "steps";
    public const string Answer = "answer";
    public const string PlanReview = "plan-review";
    public const string ToolApproval = "tool-approval";
}
