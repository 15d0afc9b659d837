namespace Qwen3.LlamaCpp;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model wrote one of the stop tokens.</summary>
    Stop,

    /// <summary>The answer reached its own limit or filled the context.</summary>
    Length,
}
