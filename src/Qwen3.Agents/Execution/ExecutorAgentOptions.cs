using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>How an <see cref="ExecutorAgent"/> carries out a step.</summary>
public sealed class ExecutorAgentOptions
{
    /// <summary>
    /// Gets or sets the agent's id, which is the same in every process so that stored workflows find it. The default is <c>executor</c>.
    /// </summary>
    public string Id { get; set; } = "executor";

    /// <summary>Gets or sets the agent's name. The default is <c>Executor</c>.</summary>
    public string Name { get; set; } = "Executor";

    /// <summary>
    /// Gets or sets the functions that it may call. They must be safe for concurrent use. What stands in an <see cref="ApprovalRequiredAIFunction"/>
    /// is called only when a person has approved the call.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>Gets or sets how many times in one step the model may call functions before it answers. The default is 10.</summary>
    public int MaxRounds { get; set; } = 10;

    /// <summary>
    /// Gets or sets sampling and limits of the requests; the model's own defaults where not set. Its tools and instructions are the executor's own.
    /// </summary>
    public ChatOptions ChatOptions { get; set; } = new();

    /// <summary>Gets or sets the texts that the model is given.</summary>
    public AgentPrompts Prompts { get; set; } = new();

    /// <summary>Gets or sets what functions get as <see cref="AIFunctionArguments.Services"/>, each call in a scope of its own, where there are scopes.</summary>
    public IServiceProvider? Services { get; set; }

    internal ChatOptions ToChatOptions()
    {
        ChatOptions options = ChatOptions.Clone();
        options.Instructions = Prompts.ExecutorInstructions();
        options.Tools = [.. Tools];
        return options;
    }
}
