namespace Qwen3.Remote;

/// <summary>
/// What a server supports beside OpenAI's protocol, and the names of its extra body fields. Sources: docs/servers.md.
/// </summary>
internal sealed record ServerCapabilities
{
    /// <summary>Gets a value indicating whether the server takes <c>top_k</c> and <c>min_p</c>.</summary>
    public bool HasSamplingExtras { get; init; }

    /// <summary>Gets the name of the repetition penalty.</summary>
    public string RepetitionPenalty { get; init; } = "repetition_penalty";

    /// <summary>
    /// Gets a value indicating whether the server takes variables of the chat template, such as <c>enable_thinking</c>.
    /// </summary>
    public bool HasTemplateVariables { get; init; }

    /// <summary>
    /// Gets the names that the server's versions have for the thinking budget in tokens; empty if it has none.
    /// </summary>
    public IReadOnlyList<string> ThinkingBudget { get; init; } = [];

    /// <summary>
    /// Gets the number of tokens that the server counts beside the thinking: the line break after the opening tag.
    /// </summary>
    public int ThinkingBudgetSurplus { get; init; }

    /// <summary>
    /// Gets the name of the text that ends the thinking at the budget; <see langword="null"/> if the server has none.
    /// </summary>
    public string? ThinkingBudgetMessage { get; init; }

    /// <summary>
    /// Gets the names of the reasoning in earlier answers; empty if the chat template reads it in the text.
    /// </summary>
    public IReadOnlyList<string> Reasoning { get; init; } = [];

    /// <summary>
    /// Gets a value indicating whether a function can be required by its name; if not, it is the only one offered.
    /// </summary>
    public bool HasNamedToolChoice { get; init; } = true;

    /// <summary>Gets a value indicating whether the server constrains an answer to JSON without a schema.</summary>
    public bool HasJsonObject { get; init; } = true;

    public static ServerCapabilities For(ModelServer server) => server switch
    {
        ModelServer.Vllm => new()
        {
            HasSamplingExtras = true,
            HasTemplateVariables = true,
            ThinkingBudget = ["thinking_token_budget"],
            Reasoning = ["reasoning", "reasoning_content"],
        },
        ModelServer.SGLang => new()
        {
            HasSamplingExtras = true,
            HasTemplateVariables = true,
            ThinkingBudget = ["custom_params.thinking_budget"],
            Reasoning = ["reasoning_content"],
        },
        ModelServer.LlamaServer => new()
        {
            HasSamplingExtras = true,
            RepetitionPenalty = "repeat_penalty",
            HasTemplateVariables = true,
            ThinkingBudget = ["reasoning_budget_tokens", "thinking_budget_tokens"],
            ThinkingBudgetSurplus = 1,
            ThinkingBudgetMessage = "reasoning_budget_message",
            Reasoning = ["reasoning_content"],
            HasNamedToolChoice = false,
            HasJsonObject = false,
        },
        ModelServer.LMStudio => new()
        {
            HasSamplingExtras = true,
            RepetitionPenalty = "repeat_penalty",
            HasNamedToolChoice = false,
            HasJsonObject = false,
        },
        ModelServer.Qwen3Server => new()
        {
            HasSamplingExtras = true,
            HasTemplateVariables = true,
            ThinkingBudget = ["thinking_budget"],
            Reasoning = ["reasoning_content"],
        },
        _ => new(),
    };
}
