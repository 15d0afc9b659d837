using Microsoft.Extensions.Logging;

namespace Qwen3.LlamaCpp;

/// <summary>How an <see cref="InferenceEngine"/> computes.</summary>
public sealed class InferenceEngineOptions
{
    /// <summary>
    /// Gets or sets how many tokens a prompt and its answer may have together. The default, <see langword="null"/>, means 16,384
    /// or the model's own length if that is smaller.
    /// </summary>
    /// <remarks>For Qwen3-4B, 16,384 tokens take 2.25 GiB of memory beside the weights (144 KiB a token).</remarks>
    public int? ContextSize { get; set; }

    /// <summary>Gets or sets how many prompt tokens are computed in one step. The default is 512.</summary>
    public int BatchSize { get; set; } = 512;

    /// <summary>Gets or sets how many CPU threads compute. The default, <see langword="null"/>, means one for each processor.</summary>
    public int? Threads { get; set; }

    /// <summary>Gets or sets where the engine's log and llama.cpp's go. The default is nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock that durations are measured by. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
