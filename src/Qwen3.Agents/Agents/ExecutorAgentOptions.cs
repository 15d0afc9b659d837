using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Options of an <see cref="ExecutorAgent"/>.</summary>
public sealed class ExecutorAgentOptions
{
    /// <summary>
    /// Gets or sets the agent's id, which must be the same in each process that resumes stored workflows. The default is <c>executor</c>.
    /// </summary>
    public string Id { get; set; } = "executor";

    /// <summary>Gets or sets the agent's name. The default is <c>Executor</c>.</summary>
    public string Name { get; set; } = "Executor";

    /// <summary>
    /// Gets or sets the functions that the model can call. They must be safe for concurrent use. An
    /// <see cref="ApprovalRequiredAIFunction"/> is executed only after a person approved the call.
    /// </summary>
    public IList<AITool> Tools { get; set; } = [];

    /// <summary>Gets or sets the maximum number of rounds of tool calls in a step. The default is 10.</summary>
    public int MaxRounds { get; set; } = 10;

    /// <summary>
    /// Gets or sets sampling options and limits of the requests. Unset values are the model's defaults. Tools and instructions are ignored.
    /// </summary>
    public ChatOptions ChatOptions { get; set; } = new();

    /// <summary>Gets or sets the prompts.</summary>
    public AgentPrompts Prompts { get; set; } = new();

    /// <summary>Gets or sets the <see cref="AIFunctionArguments.Services"/> of the functions. Each call has its own scope.</summary>
    public IServiceProvider? Services { get; set; }

    internal ChatOptions ToChatOptions()
    {
        ChatOptions options = ChatOptions.Clone();
        options.Instructions = Prompts.ExecutorInstructions();
        options.Tools = [.. Tools];
        return options;
    }
}
