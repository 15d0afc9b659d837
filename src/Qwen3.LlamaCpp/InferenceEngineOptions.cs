using Microsoft.Extensions.Logging;

namespace Qwen3.LlamaCpp;

/// <summary>How an <see cref="InferenceEngine"/> computes.</summary>
public sealed class InferenceEngineOptions
{
    /// <summary>The most <see cref="Threads"/> there may be: with more, ggml would write behind an array.</summary>
    public const int ThreadLimit = 512;

    /// <summary>The most <see cref="MaxParallelRequests"/> there may be: half of llama.cpp's sequences, so that there is always one to keep what was computed.</summary>
    public const int ParallelRequestLimit = 128;

    /// <summary>
    /// Gets or sets how many tokens the KV cache holds, which is also how many a prompt and its answer may have together. The default,
    /// <see langword="null"/>, means as many as a quarter of the free memory takes (or <see cref="MemoryLimit"/>), of the RAM's or of the GPUs', whichever is
    /// less, and at most the model's own length.
    /// </summary>
    /// <remarks>
    /// Requests that run at the same time share it, and what is left holds what former ones computed. If it gets full, the youngest request
    /// waits for others to end. For Qwen3-4B, 16,384 tokens take 2.25 GiB of memory beside the weights (144 KiB a token).
    /// <see cref="MemoryPlan"/> tells what a size takes.
    /// </remarks>
    public int? ContextSize { get; set; }

    /// <summary>Gets or sets the LoRA adapters that are in force in all that the engine computes. The default is none.</summary>
    /// <remarks>
    /// They are one set for an engine, because the keys and values in its cache depend on them; another engine over the same model may have
    /// others, or none, at the price of their own size. Several add up. The files are read when the engine is created.
    /// </remarks>
    public IReadOnlyList<LoraAdapter> LoraAdapters { get; set; } = [];

    /// <summary>Gets or sets how keys and values are stored. The default is <see cref="KeyValueCacheType.F16"/>.</summary>
    public KeyValueCacheType KeyValueCacheType { get; set; }

    /// <summary>
    /// Gets or sets how many bytes the context may take beside the model's weights, in RAM and on GPUs together. The default, <see langword="null"/>,
    /// means as many as are free; more than is free on GPUs does not go there either way. What does not fit is refused with an
    /// <see cref="InsufficientModelMemoryException"/> before anything is allocated.
    /// </summary>
    public long? MemoryLimit { get; set; }

    /// <summary>Gets or sets how many requests are computed at the same time, from 1 to 128. The default is 4.</summary>
    /// <remarks>
    /// Together they get more tokens a second than one after the other, and each gets fewer. The sums that a processor computes come out
    /// differently in their last bits when it computes several requests in one step, so that an answer can differ from the one that the same seed
    /// gives alone, where two tokens are almost equally likely. Set 1 if answers must repeat exactly under load.
    /// </remarks>
    public int MaxParallelRequests { get; set; } = 4;

    /// <summary>Gets or sets how many requests may wait; more are refused with a <see cref="RequestQueueFullException"/>. The default is 1,024.</summary>
    public int MaxQueuedRequests { get; set; } = 1024;

    /// <summary>
    /// Gets or sets how many tokens are computed in one step. The default is 512. While answers are under way, prompts are computed in slices
    /// of about 200 ms, so that the answers keep flowing.
    /// </summary>
    public int BatchSize { get; set; } = 512;

    /// <summary>Gets the number of threads that compute if <see cref="Threads"/> is not set.</summary>
    public static int DefaultThreads => Loading.CpuThreads.Default;

    /// <summary>Gets or sets the number of CPU threads that compute, from 1 to 512.</summary>
    /// <value>
    /// The default, <see langword="null"/>, means the number in the environment variable <c>QWEN3_THREADS</c>, or else one for each
    /// physical core within the process's affinity and its container's quota.
    /// </value>
    /// <remarks>More threads than the process has processors are not used, because they would wait for each other; a warning is logged.</remarks>
    public int? Threads { get; set; }

    /// <summary>Gets or sets where the engine's log and llama.cpp's go. The default is nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock that durations are measured by. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
