using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What the executors of a workflow have in common; the same for all its runs but those that are resumed.</summary>
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
    public ValueTask TellResumedAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken) =>
        Resumption?.TellAsync(state, context, cancellationToken) ?? default;

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
