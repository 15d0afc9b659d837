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

    /// <summary>Gets the size of the weights in bytes. They are mapped from the file, and shared by all contexts over the model.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Gets the size of the keys and values in bytes.</summary>
    public required long KeyValueCacheBytes { get; init; }

    /// <summary>Gets about how many bytes a step computes in.</summary>
    public required long ComputeBytes { get; init; }

    /// <summary>Gets the size of the <see cref="InferenceEngineOptions.LoraAdapters"/> in bytes, which each context has for itself.</summary>
    public required long AdapterBytes { get; init; }

    /// <summary>Gets what a context takes beside the weights, in bytes.</summary>
    public long ContextBytes => KeyValueCacheBytes + ComputeBytes + AdapterBytes;

    /// <summary>Gets the whole in bytes.</summary>
    public long TotalBytes => WeightBytes + ContextBytes;

    /// <summary>Plans for a model file, of which only the header is read.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="options">How the engine is to compute; the defaults if <see langword="null"/>.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or not of a Qwen3 model, or an adapter is none for the model.</exception>
    public static MemoryPlan ForFile(string path, InferenceEngineOptions? options = null)
    {
        string fullPath = Path.GetFullPath(path);
        options ??= new();
        GgufHeader header = GgufHeader.Read(fullPath);
        var shape = ModelShape.Read(fullPath, header);
        long adapterBytes = options.LoraAdapters.Sum(adapter => LoraFile.Read(Path.GetFullPath(adapter.Path), shape).TensorBytes);
        return Create(shape, header.TensorBytes, adapterBytes, options);
    }

    internal static MemoryPlan Create(ModelShape shape, long weightBytes, long adapterBytes, InferenceEngineOptions options)
    {
        int contextSize = options.ContextSize ?? DefaultContextSize(shape, weightBytes, adapterBytes, options);
        return Create(shape, weightBytes, adapterBytes, options, contextSize);
    }

    /// <summary>How many bytes a context may take if its size is left open: the limit, or a quarter of what is free.</summary>
    internal static long DefaultBudget(InferenceEngineOptions options) => options.MemoryLimit ?? FreeMemory.Bytes / 4;

    private static int DefaultContextSize(ModelShape shape, long weightBytes, long adapterBytes, InferenceEngineOptions options)
    {
        long fixedBytes = Create(shape, weightBytes, adapterBytes, options, contextSize: 0).ContextBytes;
        long perStep = Create(shape, weightBytes, adapterBytes, options, CellStep).ContextBytes - fixedBytes;
        long steps = Math.Max(1, (DefaultBudget(options) - fixedBytes) / perStep);
        return (int)Math.Min(shape.ContextLength, steps * CellStep);
    }

    private static MemoryPlan Create(ModelShape shape, long weightBytes, long adapterBytes, InferenceEngineOptions options, int contextSize)
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
        return new()
        {
            ContextSize = contextSize,
            WeightBytes = weightBytes,
            KeyValueCacheBytes = options.KeyValueCacheType switch
            {
                KeyValueCacheType.Q8_0 => cells * values * 34 / 32,
                KeyValueCacheType.Q4_0 => cells * values * 18 / 32,
                _ => cells * values * 2,
            },
            ComputeBytes = compute,
            AdapterBytes = adapterBytes,
        };
    }
}
