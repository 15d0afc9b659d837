namespace Qwen3.LlamaCpp;

/// <summary>The engine has as many requests as it takes; this one was not taken.</summary>
/// <remarks>Try again later, or refuse the caller in turn: an answer to one more request would come too late anyway.</remarks>
public sealed class RequestQueueFullException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="maxQueuedRequests">How many requests may wait.</param>
    public RequestQueueFullException(int maxQueuedRequests)
        : base(
            $"{maxQueuedRequests} requests are waiting, which is the most that the engine lets wait. Try again later, or set " +
            $"{nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.MaxQueuedRequests)} to a larger value.")
    {
        MaxQueuedRequests = maxQueuedRequests;
    }

    /// <summary>Gets how many requests may wait.</summary>
    public int MaxQueuedRequests { get; }

    /// <inheritdoc/>
    /// <value><see langword="true"/>: the queue empties as requests finish.</value>
    public override bool IsTransient => true;
}
