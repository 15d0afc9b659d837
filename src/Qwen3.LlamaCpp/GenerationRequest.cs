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
}
