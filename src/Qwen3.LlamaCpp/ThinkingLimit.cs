namespace Qwen3.LlamaCpp;

/// <summary>How long a model may think: a limit on the part of an answer that a closing token ends.</summary>
/// <remarks>
/// When it is met, <see cref="Closing"/> goes into the answer as if the model had written it, and the model goes on from there. This is how the
/// Qwen3 report limits thinking.
/// </remarks>
public sealed record ThinkingLimit
{
    /// <summary>Gets the token that ends the thinking.</summary>
    public required int EndToken { get; init; }

    /// <summary>
    /// Gets the token that begins the thinking, as the first of the answer; an answer that begins otherwise is without. The default,
    /// <see langword="null"/>, means that the prompt has begun it.
    /// </summary>
    public int? StartToken { get; init; }

    /// <summary>Gets how many tokens the thinking may have, 1 or more. The default, <see langword="null"/>, sets no limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets whether thinking that goes in circles is ended too: one whose last 64 tokens stand in it three times before. The default is yes.</summary>
    public bool EndsRepetition { get; init; } = true;

    /// <summary>Gets the tokens that end the thinking in the model's place; <see cref="EndToken"/> is one of them.</summary>
    public required IReadOnlyList<int> Closing { get; init; }

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate(int vocabularySize)
    {
        if (MaxTokens < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, $"{nameof(ThinkingLimit)}.{nameof(MaxTokens)} must be 1 or more; for none, end the thinking in the prompt.");
        }

        if (!Closing.Contains(EndToken))
        {
            throw new ArgumentException($"{nameof(ThinkingLimit)}.{nameof(Closing)} must have the {nameof(EndToken)} {EndToken} in it.", nameof(Closing));
        }

        foreach (int token in Closing)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(Closing), token, $"{nameof(ThinkingLimit)}.{nameof(Closing)} has a token id outside the vocabulary of {vocabularySize}.");
            }
        }
    }
}
