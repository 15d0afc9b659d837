namespace Qwen3.LlamaCpp;

/// <summary>How the next token is drawn from the model's predictions.</summary>
/// <remarks>
/// The defaults change nothing: a draw from the predictions as they are. What suits a model is said by its card, and the chat
/// client knows it. The steps are taken in this order: logit bias, penalties, top-k, top-p, min-p, temperature, draw.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Gets the temperature: below 1 sharpens the predictions, above 1 flattens them, 0 always takes the likeliest token. The default is 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Gets how many of the likeliest tokens stay in the draw; 0, the default, keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Gets the share of probability that the likeliest tokens in the draw have together, from 0 (the likeliest one alone) to 1, the default, which
    /// keeps all.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>Gets how likely a token must be in proportion to the likeliest one to stay in the draw, from 0 to 1. The default, 0, keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Gets the factor by which tokens of the answer so far become less likely; 1, the default, is off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Gets what is taken off a token's logit for each time that the answer has it already; 0, the default, is off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Gets what is taken off a token's logit once the answer has it; 0, the default, is off. Qwen advises 0 to 2 against repetition.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Gets how many of the answer's last tokens the penalties look at. The default, <see langword="null"/>, means the whole answer.</summary>
    public int? PenaltyWindow { get; init; }

    /// <summary>Gets the seed of the draw. The default, <see langword="null"/>, takes a new random one for each request.</summary>
    public uint? Seed { get; init; }

    /// <summary>Gets what is added to the logits of single tokens, by token id; negative infinity forbids a token. The default is nothing.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Validate(int vocabularySize)
    {
        Require(float.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), Temperature, "must be 0 or more");
        Require(TopK >= 0, nameof(TopK), TopK, "must be 0 (off) or more");
        Require(TopP is >= 0 and <= 1, nameof(TopP), TopP, "must be from 0 to 1");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "must be from 0 to 1");
        Require(float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, nameof(RepetitionPenalty), RepetitionPenalty, "must be above 0");
        Require(float.IsFinite(FrequencyPenalty), nameof(FrequencyPenalty), FrequencyPenalty, "must be a finite number");
        Require(float.IsFinite(PresencePenalty), nameof(PresencePenalty), PresencePenalty, "must be a finite number");
        Require(PenaltyWindow is null or >= 0, nameof(PenaltyWindow), PenaltyWindow, "must be 0 (off) or more");
        foreach ((int token, float bias) in LogitBias ?? new Dictionary<int, float>())
        {
            Require((uint)token < (uint)vocabularySize, nameof(LogitBias), token, $"has a token id outside the vocabulary of {vocabularySize}");
            Require(float.IsFinite(bias) || float.IsNegativeInfinity(bias), nameof(LogitBias), bias, "must be finite or negative infinity");
        }
    }

    private static void Require(bool condition, string name, object? value, string rule)
    {
        if (!condition)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{nameof(SamplingOptions)}.{name} {rule}.");
        }
    }
}
