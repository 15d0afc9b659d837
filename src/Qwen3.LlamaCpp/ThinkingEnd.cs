namespace Qwen3.LlamaCpp;

/// <summary>What ended a model's thinking.</summary>
public enum ThinkingEnd
{
    /// <summary>Nothing: it did not think, or the answer was over before.</summary>
    None,

    /// <summary>The model itself.</summary>
    Model,

    /// <summary><see cref="ThinkingLimit.MaxTokens"/>.</summary>
    Budget,

    /// <summary>The guard against repetition: the model wrote the same passage again and again.</summary>
    Repetition,
}
