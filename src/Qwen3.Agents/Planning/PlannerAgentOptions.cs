using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>How a <see cref="PlannerAgent"/> makes plans.</summary>
public sealed class PlannerAgentOptions
{
    /// <summary>
    /// Gets or sets the agent's id, which is the same in every process so that stored workflows find it. The default is <c>planner</c>.
    /// </summary>
    public string Id { get; set; } = "planner";

    /// <summary>Gets or sets the agent's name. The default is <c>Planner</c>.</summary>
    public string Name { get; set; } = "Planner";

    /// <summary>Gets or sets how many steps a plan may have. The default is 8.</summary>
    public int MaxSteps { get; set; } = 8;

    /// <summary>Gets or sets how many times the model is asked again if its plan cannot be carried out. The default is 2.</summary>
    public int MaxRepairs { get; set; } = 2;

    /// <summary>
    /// Gets or sets the functions that whoever carries out the plan has. The planner is told their names and what they are for, and calls none.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>
    /// Gets or sets sampling, thinking budget and limits of the requests; the model's own defaults where not set. Its tools, instructions and
    /// response format are the planner's own.
    /// </summary>
    public ChatOptions ChatOptions { get; set; } = new();

    /// <summary>Gets or sets the texts that the model is given.</summary>
    public AgentPrompts Prompts { get; set; } = new();
}
