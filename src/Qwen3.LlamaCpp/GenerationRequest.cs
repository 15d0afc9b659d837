namespace Qwen3.LlamaCpp;

/// <summary>A prompt and how to go on from it.</summary>
public sealed class GenerationRequest
{
    /// <summary>Gets the prompt's token ids, one at least.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>Gets how tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Gets how many tokens are generated at most. The default, <see langword="null"/>, means as many as the context takes.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets the tokens that end the answer; they are not part of it. The default is none.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Gets what the answer can be. The default, <see langword="null"/>, is anything.</summary>
    /// <remarks>
    /// The first draw is from all tokens, and only if the grammar forbids its outcome there is a second one, from those that it allows. The answer
    /// can end where the grammar does, and has to where nothing can follow. An answer that <see cref="MaxTokens"/> cuts off is incomplete.
    /// </remarks>
    public Grammar? Grammar { get; init; }

    /// <summary>Gets how long the model may think. The default, <see langword="null"/>, is without limit and without the guard against repetition.</summary>
    public ThinkingLimit? ThinkingLimit { get; init; }
}
