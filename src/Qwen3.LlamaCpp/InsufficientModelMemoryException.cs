namespace Qwen3.LlamaCpp;

/// <summary>A context would not fit into memory. Nothing was allocated.</summary>
public sealed class InsufficientModelMemoryException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="plan">What the context would take.</param>
    /// <param name="availableBytes">How many bytes there are for it.</param>
    public InsufficientModelMemoryException(MemoryPlan plan, long availableBytes)
        : base(
            $"A context of {plan.ContextSize} tokens takes {Format(plan.ContextBytes)} beside the model's weights ({Format(plan.KeyValueCacheBytes)} for keys and values, " +
            $"about {Format(plan.ComputeBytes)} for computing, {Format(plan.AdapterBytes)} for LoRA adapters), and {Format(availableBytes)} are available. Set " +
            $"{nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a smaller value, " +
            $"{nameof(InferenceEngineOptions.KeyValueCacheType)} to {nameof(KeyValueCacheType.Q8_0)}, or {nameof(InferenceEngineOptions.MemoryLimit)} to a larger value.")
    {
        Plan = plan;
        AvailableBytes = availableBytes;
    }

    /// <summary>Gets what the context would take.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>Gets how many bytes there are for it.</summary>
    public long AvailableBytes { get; }

    private static string Format(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.00} GiB" : $"{bytes / (double)(1L << 20):0.0} MiB";
}
