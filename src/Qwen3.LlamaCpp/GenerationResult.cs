namespace Qwen3.LlamaCpp;

/// <summary>How a generation went.</summary>
public sealed class GenerationResult
{
    internal GenerationResult()
    {
    }

    /// <summary>Gets why it ended.</summary>
    public required FinishReason FinishReason { get; init; }

    /// <summary>Gets the prompt's length in tokens.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Gets how many of the prompt's tokens were in the KV cache already and were not computed again.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Gets how many tokens were generated, a stop token not counted.</summary>
    public required int GeneratedTokens { get; init; }

    /// <summary>Gets what ended the model's thinking, if the request set a <see cref="ThinkingLimit"/>.</summary>
    public required ThinkingEnd ThinkingEnd { get; init; }

    /// <summary>Gets how long the request waited for its turn.</summary>
    public required TimeSpan QueueTime { get; init; }

    /// <summary>Gets how long the prompt took, up to the first token.</summary>
    public required TimeSpan PromptTime { get; init; }

    /// <summary>Gets how long the tokens after the first one took.</summary>
    public required TimeSpan GenerationTime { get; init; }
}
