namespace Qwen3.LlamaCpp;

/// <summary>A model's weights or a context would not fit into memory. Nothing was allocated.</summary>
public sealed class InsufficientModelMemoryException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What does not fit where, and what to do.</param>
    /// <param name="plan">What the model and the context would take.</param>
    /// <param name="requiredBytes">How many bytes would be needed, in RAM or on the GPUs.</param>
    /// <param name="availableBytes">How many bytes there are for it.</param>
    public InsufficientModelMemoryException(string message, MemoryPlan plan, long requiredBytes, long availableBytes)
        : base(message)
    {
        Plan = plan;
        RequiredBytes = requiredBytes;
        AvailableBytes = availableBytes;
    }

    /// <summary>Gets what the model and the context would take.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>Gets how many bytes would be needed, in RAM or on the GPUs, whichever was short.</summary>
    public long RequiredBytes { get; }

    /// <summary>Gets how many bytes there are for it.</summary>
    public long AvailableBytes { get; }

    internal static InsufficientModelMemoryException ForWeights(MemoryPlan plan, bool onGpus, long required, long available) => new(
        $"The model's weights take {Format(required)} {(onGpus ? "on the GPUs" : "in RAM")}, and {Format(available)} are available there. " +
        $"Take a smaller quantization of the model, or set {nameof(LlamaModelOptions)}." +
        (onGpus
            ? $"{nameof(LlamaModelOptions.GpuLayers)} to a smaller value."
            : $"{nameof(LlamaModelOptions.MemoryLimit)} to a larger value if the machine may swap."),
        plan,
        required,
        available);

    internal static InsufficientModelMemoryException ForContext(MemoryPlan plan, bool onGpus, long required, long available) => new(
        $"A context of {plan.ContextSize} tokens takes {Format(required)}{(onGpus ? " on the GPUs" : "")} beside the model's weights, and " +
        $"{Format(available)} are available {(onGpus ? "there" : $"in RAM or by {nameof(InferenceEngineOptions.MemoryLimit)}")}. " +
        $"In all it takes {Format(plan.KeyValueCacheBytes)} for keys and values, about {Format(plan.ComputeBytes)} for computing and " +
        $"{Format(plan.AdapterBytes)} for LoRA adapters. Set {nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a " +
        $"smaller value, {nameof(InferenceEngineOptions.KeyValueCacheType)} to {nameof(KeyValueCacheType.Q8_0)}, or " +
        (onGpus
            ? $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.GpuLayers)} to a smaller value."
            : $"{nameof(InferenceEngineOptions.MemoryLimit)} to a larger value."),
        plan,
        required,
        available);

    private static string Format(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.00} GiB" : $"{bytes / (double)(1L << 20):0.0} MiB";
}
