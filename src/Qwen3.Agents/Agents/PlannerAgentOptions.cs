using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Options of a <see cref="PlannerAgent"/>.</summary>
public sealed class PlannerAgentOptions
{
    /// <summary>
    /// Gets or sets the agent's id, which must be the same in each process that resumes stored workflows. The default is <c>planner</c>.
    /// </summary>
    public string Id { get; set; } = "planner";

    /// <summary>Gets or sets the agent's name. The default is <c>Planner</c>.</summary>
    public string Name { get; set; } = "Planner";

    /// <summary>Gets or sets the maximum number of steps of a plan. The default is 8.</summary>
    public int MaxSteps { get; set; } = 8;

    /// <summary>Gets or sets how many times the model is asked to repair an invalid plan. The default is 2.</summary>
    public int MaxRepairs { get; set; } = 2;

    /// <summary>
    /// Gets or sets the functions of the executor. The planner reads their names and descriptions and cannot call them.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>
    /// Gets or sets sampling, thinking budget and limits of the requests; the model's own defaults where not set. Its tools, instructions and
    /// response format are the planner's own.
    /// </summary>
    public ChatOptions ChatOptions { get; set; } = new();

    /// <summary>Gets or sets the prompts.</summary>
    public AgentPrompts Prompts { get; set; } = new();
}
