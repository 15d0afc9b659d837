using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Qwen3.Agents;

/// <summary>Options of a <see cref="Qwen3Workflow"/>.</summary>
public sealed class Qwen3WorkflowOptions
{
    /// <summary>Gets or sets the workflow's name, in traces and as an agent. The default is <c>Qwen3</c>.</summary>
    public string Name { get; set; } = "Qwen3";

    /// <summary>Gets or sets the description of the workflow as an agent.</summary>
    public string Description { get; set; } = "Makes a plan for a goal, carries out its steps and answers with what came of them.";

    /// <summary>
    /// Gets or sets the functions that the steps can call. They must be safe for concurrent use. An
    /// <see cref="ApprovalRequiredAIFunction"/> is executed only after a person approved the call.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>
    /// Gets or sets a value indicating whether a person approves, edits or refuses each plan. The default is <see langword="false"/>.
    /// </summary>
    public bool ReviewPlans { get; set; }

    /// <summary>Gets or sets the limits of a run.</summary>
    public WorkflowLimits Limits { get; set; } = new();

    /// <summary>Gets or sets the model that writes the final answer. The default is the executor's.</summary>
    public AnswerWriter AnswerWriter { get; set; }

    /// <summary>Gets or sets the maximum number of steps of one plan. The default is 8.</summary>
    public int MaxPlanSteps { get; set; } = 8;

    /// <summary>Gets or sets how many times the planner is asked to repair an invalid plan. The default is 2.</summary>
    public int MaxPlanRepairs { get; set; } = 2;

    /// <summary>Gets or sets the maximum number of rounds of tool calls in a step. The default is 10.</summary>
    public int MaxRounds { get; set; } = 10;

    /// <summary>Gets or sets sampling options, reasoning budget and limits of the planner's requests. Unset values are the model's defaults.</summary>
    public ChatOptions PlannerChatOptions { get; set; } = new();

    /// <summary>Gets or sets sampling options and limits of the executor's requests. Unset values are the model's defaults.</summary>
    public ChatOptions ExecutorChatOptions { get; set; } = new();

    /// <summary>Gets or sets the prompts.</summary>
    public AgentPrompts Prompts { get; set; } = new();

    /// <summary>
    /// Gets or sets the checkpoints, which are written after each plan, call and step.
    /// <see cref="WorkflowCheckpoints.InFolder"/> stores them on disk. The default, <see langword="null"/>, is no checkpoints.
    /// </summary>
    public CheckpointManager? Checkpoints { get; set; }

    /// <summary>Gets or sets the clock of <see cref="WorkflowLimits.MaxTime"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets the logger factory. The default, <see langword="null"/>, is no log.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the <see cref="AIFunctionArguments.Services"/> of the functions. Each call has its own scope.</summary>
    public IServiceProvider? Services { get; set; }
}

/// <summary>
/// The limits of a <see cref="Qwen3Workflow"/> for one goal. When a limit is reached, the workflow ends with its results so far and names the limit.
/// </summary>
public sealed class WorkflowLimits
{
    /// <summary>Gets or sets the maximum number of steps, including those of new plans. The default is 16.</summary>
    public int MaxSteps { get; set; } = 16;

    /// <summary>
    /// Gets or sets the maximum number of steps that run at the same time. The default is 4, like the engine's maximum number of
    /// parallel requests.
    /// </summary>
    public int MaxParallelSteps { get; set; } = 4;

    /// <summary>Gets or sets the maximum number of attempts at a step. The default is 2.</summary>
    public int MaxAttempts { get; set; } = 2;

    /// <summary>
    /// Gets or sets the maximum number of new plans, after a step failed or a person refused a plan with feedback. The default is 2.
    /// </summary>
    public int MaxReplans { get; set; } = 2;

    /// <summary>
    /// Gets or sets how many tokens the models may compute, written ones and those read that were not in the cache. The default,
    /// <see langword="null"/>, is no limit. It is looked at after each answer of a model, and no answer is allowed more than is left; each repair of a plan
    /// is allowed as much as the plan was.
    /// </summary>
    public long? MaxTokens { get; set; }

    /// <summary>
    /// Gets or sets how long the workflow may take, without the time that it waits for a person or is not running. The default,
    /// <see langword="null"/>, is no limit.
    /// </summary>
    public TimeSpan? MaxTime { get; set; }
}

/// <summary>The model that writes the final answer of a workflow.</summary>
public enum AnswerWriter
{
    /// <summary>The executor's model, which answers at once.</summary>
    Executor,

    /// <summary>The planner's model, which reasons first.</summary>
    Planner,
}
