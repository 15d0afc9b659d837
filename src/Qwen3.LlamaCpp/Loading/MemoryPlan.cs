using Qwen3.LlamaCpp.Gguf;

namespace Qwen3.LlamaCpp;

/// <summary>How much memory a model and a context over it take, told before anything is loaded.</summary>
public sealed record MemoryPlan
{
    // llama.cpp gives out the cells of its cache in this step.
    private const int CellStep = 256;

    internal MemoryPlan()
    {
    }

    /// <summary>Gets the context's size in tokens.</summary>
    public required int ContextSize { get; init; }

    /// <summary>
    /// Gets the size of the weights in bytes, which all contexts over the model share. Those in RAM are mapped from the file, or rearranged for the processor. Where the token embedding
    /// serves for the output too, a GPU that has the output has it once more.
    /// </summary>
    public required long WeightBytes { get; init; }

    /// <summary>Gets which part of <see cref="WeightBytes"/> lies on GPUs; the rest is in RAM.</summary>
    public required long GpuWeightBytes { get; init; }

    /// <summary>Gets the size of the keys and values in bytes.</summary>
    public required long KeyValueCacheBytes { get; init; }

    /// <summary>Gets about how many bytes a step computes in.</summary>
    public required long ComputeBytes { get; init; }

    /// <summary>Gets the size of the <see cref="InferenceEngineOptions.LoraAdapters"/> in bytes, which each context has for itself.</summary>
    public required long AdapterBytes { get; init; }

    /// <summary>Gets what a context takes beside the weights, in bytes.</summary>
    public long ContextBytes => KeyValueCacheBytes + ComputeBytes + AdapterBytes;

    /// <summary>Gets which part of <see cref="ContextBytes"/> lies on GPUs; the rest is in RAM.</summary>
    public required long GpuContextBytes { get; init; }

    /// <summary>Gets the whole in bytes.</summary>
    public long TotalBytes => WeightBytes + ContextBytes;

    /// <summary>Plans for a model file, of which only the header is read.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="options">How the engine is to compute; the defaults if <see langword="null"/>.</param>
    /// <param name="modelOptions">How the model is to be loaded, which says what lies on GPUs; the defaults if <see langword="null"/>.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or not of a Qwen3 model, or an adapter is none for the model.</exception>
    /// <exception cref="ArgumentException">An option names a device that there is not, or does not fit the devices.</exception>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries, which know the devices, are missing or do not fit.</exception>
    public static MemoryPlan ForFile(string path, InferenceEngineOptions? options = null, LlamaModelOptions? modelOptions = null)
    {
        options ??= new();
        modelOptions ??= new();
        var file = ModelFile.Read(path);
        ModelShape shape = file.Shape;
        long adapterBytes = options.LoraAdapters.Sum(adapter => LoraFile.Read(Path.GetFullPath(adapter.Path), shape).TensorBytes);
        var offload = GpuOffload.Choose(modelOptions, LlamaDevice.GetAll(modelOptions.LibraryDirectory));
        int gpuLayers = offload.LayersOf(shape.LayerCount);
        var free = FreeMemory.Now(offload);
        // The weights will have taken their part of it.
        free = free with { Gpus = Math.Max(0, free.Gpus - Create(shape, file.Header.TensorBytes, adapterBytes, options, gpuLayers, contextSize: 0).GpuWeightBytes) };
        return Create(shape, file.Header.TensorBytes, adapterBytes, options, gpuLayers, free);
    }

    /// <param name="shape">The model.</param>
    /// <param name="weightBytes">The size of all tensors in its file.</param>
    /// <param name="adapterBytes">The size of the adapters.</param>
    /// <param name="options">How the engine is to compute.</param>
    /// <param name="gpuLayers">How many layers are on GPUs, the output being one.</param>
    /// <param name="free">What is free for a context whose size is left open.</param>
    internal static MemoryPlan Create(ModelShape shape, long weightBytes, long adapterBytes, InferenceEngineOptions options, int gpuLayers, FreeMemory free)
    {
        MemoryPlan For(int contextSize) => Create(shape, weightBytes, adapterBytes, options, gpuLayers, contextSize);
        if (options.ContextSize is { } size)
        {
            return For(size);
        }

        MemoryPlan empty = For(0), step = For(CellStep);
        long Steps(long budget, Func<MemoryPlan, long> part)
        {
            long perStep = part(step) - part(empty);
            return perStep > 0 ? (budget - part(empty)) / perStep : long.MaxValue;
        }

        // The limit, or a quarter of what is free, so that there is room for other things.
        long steps = options.MemoryLimit is { } limit
            ? Math.Min(Steps(limit, plan => plan.ContextBytes), Steps(free.Gpus, plan => plan.GpuContextBytes))
            : Math.Min(Steps(free.Ram / 4, plan => plan.ContextBytes - plan.GpuContextBytes), Steps(free.Gpus / 4, plan => plan.GpuContextBytes));
        return For((int)Math.Min(shape.ContextLength, Math.Clamp(steps, 1, int.MaxValue) * CellStep));
    }

    /// <exception cref="InsufficientModelMemoryException">The weights do not fit.</exception>
    internal void RequireWeights(long? ramLimit, FreeMemory free)
    {
        long ram = WeightBytes - GpuWeightBytes, available = ramLimit ?? free.Ram;
        if (ram > available)
        {
            throw InsufficientModelMemoryException.ForWeights(this, onGpus: false, ram, available);
        }

        if (GpuWeightBytes > free.Gpus)
        {
            throw InsufficientModelMemoryException.ForWeights(this, onGpus: true, GpuWeightBytes, free.Gpus);
        }
    }

    /// <exception cref="InsufficientModelMemoryException">The context does not fit.</exception>
    internal void RequireContext(long? limit, FreeMemory free)
    {
        long required = limit is null ? ContextBytes - GpuContextBytes : ContextBytes, available = limit ?? free.Ram;
        if (required > available)
        {
            throw InsufficientModelMemoryException.ForContext(this, onGpus: false, required, available);
        }

        if (GpuContextBytes > free.Gpus)
        {
            throw InsufficientModelMemoryException.ForContext(this, onGpus: true, GpuContextBytes, free.Gpus);
        }
    }

    private static MemoryPlan Create(ModelShape shape, long weightBytes, long adapterBytes, InferenceEngineOptions options, int gpuLayers, int contextSize)
    {
        long cells = ((long)contextSize + CellStep - 1) / CellStep * CellStep;
        long values = 2L * shape.LayerCount * shape.KeyValueHeadCount * shape.HeadLength;
        long batch = Math.Max(Math.Min(options.BatchSize, options.ContextSize ?? shape.ContextLength), options.MaxParallelRequests);
        // What a step computes in: the feed-forward's two halves and some widths of the model for each of its tokens, the attention mask over the
        // whole cache in half precision, and the predictions of its requests, twice. Fitted to what llama.cpp reports for models of 0.6B and 4B,
        // and a few MiB above it.
        long compute =
            (batch * sizeof(float) * ((2L * shape.FeedForwardLength) + (9L * shape.EmbeddingLength))) +
            (batch * cells * 2) +
            (options.MaxParallelRequests * sizeof(float) * 2L * shape.VocabularySize);
        long keyValueCache = options.KeyValueCacheType switch
        {
            KeyValueCacheType.Q8_0 => cells * values * 34 / 32,
            KeyValueCacheType.Q4_0 => cells * values * 18 / 32,
            _ => cells * values * 2,
        };
        // The output is the first layer that goes to a GPU, and the token embedding never goes.
        int blocks = Math.Max(0, gpuLayers - 1);
        long OnGpus(long bytes) => bytes * blocks / shape.LayerCount;
        bool hasOutput = shape.OutputBytes > 0;
        long output = gpuLayers == 0 ? 0 : hasOutput ? shape.OutputBytes : shape.EmbeddingBytes;
        return new()
        {
            ContextSize = contextSize,
            WeightBytes = weightBytes + (hasOutput ? 0 : output),
            GpuWeightBytes = OnGpus(weightBytes - shape.EmbeddingBytes - shape.OutputBytes) + output,
            KeyValueCacheBytes = keyValueCache,
            // In RAM, and on the GPUs once more.
            ComputeBytes = gpuLayers > 0 ? 2 * compute : compute,
            AdapterBytes = adapterBytes,
            GpuContextBytes = OnGpus(keyValueCache + adapterBytes) + (gpuLayers > 0 ? compute : 0),
        };
    }
}
