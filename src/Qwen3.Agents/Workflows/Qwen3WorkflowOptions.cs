using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Qwen3.Agents;

/// <summary>How a <see cref="Qwen3Workflow"/> reaches a goal.</summary>
public sealed class Qwen3WorkflowOptions
{
    /// <summary>Gets or sets the workflow's name, in traces and as an agent. The default is <c>Qwen3</c>.</summary>
    public string Name { get; set; } = "Qwen3";

    /// <summary>Gets or sets what the workflow is for, for those who choose among agents.</summary>
    public string Description { get; set; } = "Makes a plan for a goal, carries out its steps and answers with what came of them.";

    /// <summary>
    /// Gets or sets the functions that the steps may call; they must be safe for concurrent use. What stands in an
    /// <see cref="ApprovalRequiredAIFunction"/> is called only when a person has approved the call.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>
    /// Gets or sets whether a person sees each plan, and approves, edits or refuses it, before it is carried out. The default is no.
    /// </summary>
    public bool ReviewPlans { get; set; }

    /// <summary>Gets or sets how far the workflow may go.</summary>
    public WorkflowLimits Limits { get; set; } = new();

    /// <summary>Gets or sets whose model writes the final answer. The default is the executor's.</summary>
    public AnswerWriter AnswerWriter { get; set; }

    /// <summary>Gets or sets how many steps one plan may have. The default is 8.</summary>
    public int MaxPlanSteps { get; set; } = 8;

    /// <summary>Gets or sets how many times the planner is asked again if its plan cannot be carried out. The default is 2.</summary>
    public int MaxPlanRepairs { get; set; } = 2;

    /// <summary>Gets or sets how many times in one step the model may call functions before it comes to a result. The default is 10.</summary>
    public int MaxRounds { get; set; } = 10;

    /// <summary>Gets or sets sampling, thinking budget and limits of the planner's requests; the model's own defaults where not set.</summary>
    public ChatOptions PlannerChatOptions { get; set; } = new();

    /// <summary>Gets or sets sampling and limits of the executor's requests; the model's own defaults where not set.</summary>
    public ChatOptions ExecutorChatOptions { get; set; } = new();

    /// <summary>Gets or sets the texts that the models are given.</summary>
    public AgentPrompts Prompts { get; set; } = new();

    /// <summary>
    /// Gets or sets where checkpoints go, after each plan, call and step: <see cref="WorkflowCheckpoints.InFolder"/> keeps them on disk, where
    /// another process goes on from them. The default, <see langword="null"/>, keeps none.
    /// </summary>
    public CheckpointManager? Checkpoints { get; set; }

    /// <summary>Gets or sets the clock of <see cref="WorkflowLimits.MaxTime"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets where the log goes. The default is nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets what functions get as <see cref="AIFunctionArguments.Services"/>, each call in a scope of its own, where there are scopes.</summary>
    public IServiceProvider? Services { get; set; }
}
