namespace Qwen3.Remote;

/// <summary>What a server takes beside OpenAI's standard, and under which names. Sources: docs/servers.md.</summary>
internal sealed record ServerTraits
{
    /// <summary>Whether it samples by <c>top_k</c> and <c>min_p</c>.</summary>
    public bool HasSamplingExtras { get; init; }

    /// <summary>What it calls the repetition penalty.</summary>
    public string RepetitionPenalty { get; init; } = "repetition_penalty";

    /// <summary>Whether variables for the chat template can be sent, such as <c>enable_thinking</c>.</summary>
    public bool HasTemplateVariables { get; init; }

    /// <summary>Where its versions take the number of tokens that the model may think; empty if it has no such limit.</summary>
    public IReadOnlyList<string> ThinkingBudget { get; init; } = [];

    /// <summary>How many tokens it counts that are none of the thinking: the line break after the opening tag.</summary>
    public int ThinkingBudgetSurplus { get; init; }

    /// <summary>Under which name it takes what the model is to think at the end of the budget; <see langword="null"/> if it takes none.</summary>
    public string? ThinkingBudgetMessage { get; init; }

    /// <summary>Under which names it reads the reasoning of earlier answers; without any, the model's own template reads it in the text.</summary>
    public IReadOnlyList<string> Reasoning { get; init; } = [];

    /// <summary>Whether a function can be required by its name; otherwise it is the only one on offer.</summary>
    public bool HasNamedToolChoice { get; init; } = true;

    /// <summary>Whether it holds an answer to JSON without a schema.</summary>
    public bool HasJsonObject { get; init; } = true;

    public static ServerTraits Of(ModelServer server) => server switch
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
