namespace Qwen3.LlamaCpp;

/// <summary>A prompt does not fit into the context.</summary>
/// <remarks>Nothing was computed. An answer that outgrows the context is no error: it ends with <see cref="FinishReason.Length"/>.</remarks>
public sealed class ContextLengthException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="promptTokens">The prompt's length in tokens.</param>
    /// <param name="contextSize">The context's size in tokens.</param>
    /// <param name="isMinimum">Whether the prompt can be longer than <paramref name="promptTokens"/>.</param>
    public ContextLengthException(int promptTokens, int contextSize, bool isMinimum = false)
        : base(
            $"The prompt has {(isMinimum ? "at least " : "")}{promptTokens} tokens and needs a context of at least {promptTokens + 1}, but the context holds {contextSize}. " +
            $"Shorten the conversation, or set {nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a larger value.")
    {
        PromptTokens = promptTokens;
        ContextSize = contextSize;
    }

    /// <summary>Gets the prompt's length in tokens. Of a prompt that is far too long it is a lower bound.</summary>
    public int PromptTokens { get; }

    /// <summary>Gets the context's size in tokens.</summary>
    public int ContextSize { get; }
}
