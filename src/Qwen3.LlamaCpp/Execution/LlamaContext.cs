using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LLama.Native;
using Microsoft.Extensions.Logging;
using Qwen3.LlamaCpp.KvCache;
using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>What became of a step.</summary>
internal enum StepOutcome
{
    /// <summary>All tokens were computed.</summary>
    Computed,

    /// <summary>The KV cache has too few free cells. Nothing was computed.</summary>
    NoFreeCells,

    /// <summary><see cref="LlamaContext.Abort"/> ended the step early.</summary>
    Aborted,

    /// <summary>llama.cpp failed; its log says why.</summary>
    Failed,
}

/// <summary>A llama context with its adapters. Used by one thread, except for <see cref="Abort"/>.</summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    private readonly AdapterSet _adapters;

    // Pinned, because llama.cpp reads it; on the managed heap, because a late cancellation may still write it.
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true);

    /// <exception cref="LlamaException">llama.cpp could not create the context.</exception>
    /// <exception cref="ModelFileException">An adapter could not be loaded.</exception>
    public LlamaContext(
        LlamaModel model, AdapterSet adapters, int contextSize, int threads, InferenceEngineOptions options, ILogger logger)
    {
        _adapters = adapters;
        int parallel = options.MaxParallelRequests;
        int batchSize = Math.Max(Math.Min(options.BatchSize, contextSize), parallel);
        var parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)contextSize;
        parameters.n_batch = parameters.n_ubatch = (uint)batchSize;
        parameters.n_seq_max = (uint)parallel;
        // One output for each sequence: without this, llama.cpp reserves one for each token of a batch, 300 MB for 512.
        parameters.n_outputs_max = (uint)parallel;
        parameters.type_k = parameters.type_v = options.KeyValueCacheType switch
        {
            KeyValueCacheType.Q8_0 => GGMLType.GGML_TYPE_Q8_0,
            KeyValueCacheType.Q4_0 => GGMLType.GGML_TYPE_Q4_0,
            _ => GGMLType.GGML_TYPE_F16,
        };
        parameters.n_threads = parameters.n_threads_batch = threads;
        parameters.no_perf = true;
        parameters.kv_unified = true;
        parameters.abort_callback = (nint)(delegate* unmanaged[Cdecl]<nint, byte>)&ShouldAbort;
        parameters.abort_callback_user_data = Marshal.UnsafeAddrOfPinnedArrayElement(_abort, 0);
        using NativeLog.Scope log = NativeLog.Capture(logger);
        Handle = ContextFactory.Create(model.Handle, parameters);
        if (Handle.IsInvalid)
        {
            throw new LlamaException(
                $"llama.cpp could not create a context of {contextSize} tokens for {model.Path}. Set " +
                $"{nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a smaller value if memory is " +
                $"short.{log.TakeErrors()}");
        }

        // llama.cpp lowers the size to that of the context, and ends the process if it is given more tokens.
        Batch = new((int)Handle.BatchSize);
        Cells = new(Handle);
        try
        {
            adapters.Apply(Handle, Batch, log);
        }
        catch
        {
            Handle.Dispose();
            adapters.Dispose();
            throw;
        }
    }

    public SafeLLamaContextHandle Handle { get; }

    /// <summary>Gets the tokens of the next step.</summary>
    public TokenBatch Batch { get; }

    public LlamaKvCells Cells { get; }

    /// <summary>Computes <see cref="Batch"/>.</summary>
    /// <param name="log">Receives llama.cpp's log, less what it reports of an outcome that is no failure.</param>
    /// <param name="code">llama.cpp's own result.</param>
    public StepOutcome Decode(NativeLog.Scope log, out int code)
    {
        log.Hold();
        code = NativeMethods.llama_decode(Handle, Batch.ToNative());
        StepOutcome outcome = code switch
        {
            0 => StepOutcome.Computed,
            1 => StepOutcome.NoFreeCells,
            2 => StepOutcome.Aborted,
            _ => StepOutcome.Failed,
        };
        log.Release(forget: outcome is StepOutcome.NoFreeCells or StepOutcome.Aborted);
        return outcome;
    }

    /// <summary>Makes the current step end early, and those after it, until <see cref="AllowSteps"/>. Safe to call from any thread.</summary>
    public void Abort() => Volatile.Write(ref _abort[0], 1);

    /// <summary>Takes back an abort.</summary>
    public void AllowSteps() => Volatile.Write(ref _abort[0], 0);

    public void Dispose()
    {
        Handle.Dispose();
        _adapters.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(nint flag) => (byte)Volatile.Read(ref *(int*)flag);
}
