using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What the executors of a workflow have in common; the same for all its runs.</summary>
internal sealed record WorkflowSetup(
    PlannerAgent Planner,
    ExecutorAgent Executor,
    Qwen3WorkflowOptions Options,
    AgentsTelemetry Telemetry,
    WorkflowLog Log,
    IServiceProvider? Services)
{
    public WorkflowLimits Limits => Options.Limits;

    public AgentPrompts Prompts => Options.Prompts;

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
