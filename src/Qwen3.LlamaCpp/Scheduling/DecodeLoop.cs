using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp.Native;
using Qwen3.LlamaCpp.Sampling;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>
/// The loop that owns a llama context: it takes a request, computes what the KV cache lacks of its prompt, and samples and
/// decodes token by token. Only <see cref="Interrupt"/> and <see cref="Stop"/> are called from other threads.
/// </summary>
internal sealed unsafe partial class DecodeLoop : IDisposable
{
    private const int Sequence = 0;
    private const int Decoded = 0, Aborted = 2;

    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly ChannelReader<Generation> _requests;
    private readonly TimeProvider _timeProvider;
    private readonly ContextHandle _context;
    private readonly nint _memory;

    // Pinned, for llama.cpp reads it; and on the managed heap, for a late cancellation may still write it.
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true);

    // The tokens whose keys and values are in the cache.
    private readonly List<int> _cached;
    private readonly int[] _slice;
    private volatile bool _isStopping;

    public DecodeLoop(LlamaModel model, int contextSize, InferenceEngineOptions options, ChannelReader<Generation> requests)
    {
        _model = model;
        _logger = options.LoggerFactory?.CreateLogger<InferenceEngine>() ?? NullLogger<InferenceEngine>.Instance;
        _requests = requests;
        _timeProvider = options.TimeProvider;
        _slice = new int[options.BatchSize];
        _cached = new(contextSize);
        int threads = options.Threads ?? Environment.ProcessorCount;
        LlamaContextParams parameters = NativeMethods.llama_context_default_params();
        parameters.ContextSize = (uint)contextSize;
        parameters.BatchSize = (uint)options.BatchSize;
        parameters.MicroBatchSize = (uint)options.BatchSize;
        parameters.Threads = threads;
        parameters.BatchThreads = threads;
        parameters.NoPerformanceTimings = 1;
        parameters.UnifiedKeyValueCache = 1;
        parameters.AbortCallback = &ShouldAbort;
        parameters.AbortCallbackData = Marshal.UnsafeAddrOfPinnedArrayElement(_abort, 0);
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        _context = new ContextHandle(model.Handle, parameters);
        if (_context.IsInvalid)
        {
            throw new LlamaException(
                $"llama.cpp could not create a context of {contextSize} tokens for {model.Path}. Set " +
                $"{nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a smaller value if memory is short.{log.TakeErrors()}");
        }

        _memory = NativeMethods.llama_get_memory(_context);
    }

    /// <summary>Makes a running decode return soon, so that the loop looks at cancellations. Harmless at any time.</summary>
    public void Interrupt() => Volatile.Write(ref _abort[0], 1);

    public void Stop()
    {
        _isStopping = true;
        Interrupt();
    }

    public void Run()
    {
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        while (_requests.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_requests.TryRead(out Generation? generation))
            {
                try
                {
                    Generate(generation);
                }
                catch (OperationCanceledException)
                {
                    // The reader knows.
                }
                catch (Exception e)
                {
                    Forget();
                    Exception failure = e as ObjectDisposedException ?? e as LlamaException as Exception
                        ?? new LlamaException("The generation failed. The engine goes on with the next request.", e);
                    if (failure is not ObjectDisposedException)
                    {
                        LogFailure(e);
                    }

                    generation.Fail(failure is LlamaException && log.TakeErrors() is { Length: > 0 } errors
                        ? new LlamaException(failure.Message + errors, failure)
                        : failure);
                }
            }
        }
    }

    public void Dispose() => _context.Dispose();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(nint flag) => (byte)Volatile.Read(ref *(int*)flag);

    private void Generate(Generation generation)
    {
        ThrowIfEnded(generation);
        GenerationRequest request = generation.Request;
        long started = _timeProvider.GetTimestamp();
        using SamplerHandle sampler = SamplerChain.Create(request.Sampling, _model.Tokenizer.VocabularySize, generation.MaxTokens);
        int cached = generation.CachedTokens = ReusePrefix(request.Prompt);
        for (int position = cached; position < request.Prompt.Count;)
        {
            int length = Math.Min(_slice.Length, request.Prompt.Count - position);
            for (int i = 0; i < length; i++)
            {
                _slice[i] = request.Prompt[position + i];
            }

            Decode(generation, length);
            position += length;
        }

        int generated = 0;
        long first = started;
        while (true)
        {
            int token = NativeMethods.llama_sampler_sample(sampler, _context, output: -1);
            first = generated == 0 ? _timeProvider.GetTimestamp() : first;
            bool isStop = request.StopTokens.Contains(token);
            if (!isStop)
            {
                generation.Write(token);
                generated++;
            }

            if (isStop || generated == generation.MaxTokens)
            {
                generation.Complete(new()
                {
                    FinishReason = isStop ? FinishReason.Stop : FinishReason.Length,
                    PromptTokens = request.Prompt.Count,
                    CachedTokens = cached,
                    GeneratedTokens = generated,
                    QueueTime = _timeProvider.GetElapsedTime(generation.Created, started),
                    PromptTime = _timeProvider.GetElapsedTime(started, first),
                    GenerationTime = _timeProvider.GetElapsedTime(first),
                });
                return;
            }

            _slice[0] = token;
            Decode(generation, 1);
        }
    }

    /// <summary>Keeps of the cache what the prompt begins with, and returns how many tokens that are.</summary>
    private int ReusePrefix(IReadOnlyList<int> prompt)
    {
        // The last token is always computed: its logits are wanted.
        int limit = Math.Min(_cached.Count, prompt.Count - 1);
        int common = 0;
        while (common < limit && _cached[common] == prompt[common])
        {
            common++;
        }

        Truncate(common);
        return common;
    }

    /// <summary>Computes the first <paramref name="length"/> tokens of the slice after what is cached.</summary>
    private void Decode(Generation generation, int length)
    {
        int result;
        do
        {
            // In this order, so that no cancellation between the two goes unnoticed.
            Volatile.Write(ref _abort[0], 0);
            ThrowIfEnded(generation);
            fixed (int* tokens = _slice)
            {
                result = NativeMethods.llama_decode(_context, new() { TokenCount = length, Tokens = tokens });
            }

            if (result != Decoded)
            {
                // Parts of the slice may have been computed.
                Truncate(_cached.Count);
            }
        }
        while (result == Aborted);

        if (result != Decoded)
        {
            throw new LlamaException(result == 1
                ? $"The KV cache has no room for {length} more tokens beside {_cached.Count}."
                : $"llama.cpp failed to compute {length} tokens at position {_cached.Count} (llama_decode answered {result}).");
        }

        for (int i = 0; i < length; i++)
        {
            _cached.Add(_slice[i]);
        }
    }

    private void Truncate(int length)
    {
        if (!NativeMethods.llama_memory_seq_rm(_memory, Sequence, length, -1))
        {
            // A partial removal can be refused, a whole one cannot.
            NativeMethods.llama_memory_seq_rm(_memory, Sequence, -1, -1);
            length = 0;
        }

        CollectionsMarshal.SetCount(_cached, length);
    }

    private void Forget() => Truncate(0);

    private void ThrowIfEnded(Generation generation)
    {
        ObjectDisposedException.ThrowIf(_isStopping, typeof(InferenceEngine));
        if (generation.IsCancelled)
        {
            throw new OperationCanceledException();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A generation failed")]
    private partial void LogFailure(Exception exception);
}
