using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using LLama.Native;
using Qwen3.LlamaCpp.Loading;
using Qwen3.LlamaCpp.Sampling;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>
/// The loop that owns a llama context. Each step computes the next token of every answer and slices of the prompts, samples for
/// each answer, and hands the tokens out; between two steps requests join and leave. Only <see cref="TryEnterQueue"/>,
/// <see cref="Cancel"/> and <see cref="Stop"/> are called from other threads.
/// </summary>
internal sealed unsafe partial class DecodeLoop : IDisposable
{
    private const int Decoded = 0, NoRoom = 1, Aborted = 2;

    // A prompt waits for another one to compute what they share if it is at least this much.
    private const int MinSharedTokens = 64;

    // While answers run, a step takes about this long, however fast the machine is, so that they keep flowing; and where several prompts are
    // computed, about that long, so that each can be let go between two steps.
    private static readonly TimeSpan s_stepTime = TimeSpan.FromMilliseconds(200), s_promptStepTime = TimeSpan.FromSeconds(1);
    private const int MinSlice = 16;

    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly ChannelReader<object> _requests;
    private readonly TimeProvider _timeProvider;
    private readonly AdapterSet _adapters;
    private readonly SafeLLamaContextHandle _context;
    private readonly PrefixCache _cache;
    private readonly TokenBatch _batch;
    private readonly EngineTelemetry _telemetry;
    private readonly int _contextSize;
    private readonly int _maxParallel;
    private readonly Candidates _candidates;
    private readonly ForcedTokens _forcedTokens;
    private readonly ProcessorTurn? _turn;
    private readonly int _threads;

    // Both in order of arrival.
    private readonly List<Generation> _waiting = [];
    private readonly List<ActiveRequest> _active = [];
    private readonly List<StateTransfer> _transfers = [];
    private int _queued;
    private long _ended;
    private double _tokensPerSecond = MinSlice / s_stepTime.TotalSeconds;

    // Pinned, for llama.cpp reads it; and on the managed heap, for a late cancellation may still write it.
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true);
    private readonly CancellationTokenSource _stopping = new();

    public DecodeLoop(LlamaModel model, AdapterSet adapters, int contextSize, InferenceEngineOptions options, ChannelReader<object> requests)
    {
        _model = model;
        _adapters = adapters;
        _logger = options.LoggerFactory?.CreateLogger<InferenceEngine>() ?? NullLogger<InferenceEngine>.Instance;
        _requests = requests;
        _timeProvider = options.TimeProvider;
        _contextSize = contextSize;
        _maxParallel = options.MaxParallelRequests;
        int batchSize = Math.Max(Math.Min(options.BatchSize, contextSize), _maxParallel);
        _threads = Math.Min(options.Threads ?? CpuThreads.Default, CpuThreads.Maximum);
        if (options.Threads > _threads)
        {
            LogFewerThreads(options.Threads.Value, _threads);
        }

        var parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)contextSize;
        parameters.n_batch = (uint)batchSize;
        parameters.n_ubatch = (uint)batchSize;
        parameters.n_seq_max = (uint)_maxParallel;
        // One prediction a sequence: without this, room for one a batch token is reserved, 300 MB for 512.
        parameters.n_outputs_max = (uint)_maxParallel;
        parameters.type_k = parameters.type_v = options.KeyValueCacheType switch
        {
            KeyValueCacheType.Q8_0 => GGMLType.GGML_TYPE_Q8_0,
            KeyValueCacheType.Q4_0 => GGMLType.GGML_TYPE_Q4_0,
            _ => GGMLType.GGML_TYPE_F16,
        };
        parameters.n_threads = _threads;
        parameters.n_threads_batch = _threads;
        parameters.no_perf = true;
        parameters.kv_unified = true;
        parameters.abort_callback = (nint)(delegate* unmanaged[Cdecl]<nint, byte>)&ShouldAbort;
        parameters.abort_callback_user_data = Marshal.UnsafeAddrOfPinnedArrayElement(_abort, 0);
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        _context = ContextFactory.Create(model.Handle, parameters);
        if (_context.IsInvalid)
        {
            throw new LlamaException(
                $"llama.cpp could not create a context of {contextSize} tokens for {model.Path}. Set " +
                $"{nameof(InferenceEngineOptions)}.{nameof(InferenceEngineOptions.ContextSize)} to a smaller value if memory is short.{log.TakeErrors()}");
        }

        // llama.cpp makes it smaller where the context is, and ends the process if it is given more.
        _batch = new((int)_context.BatchSize);
        _maxParallel = Math.Min(_maxParallel, _batch.Capacity);
        try
        {
            adapters.Apply(_context, _batch, log);
        }
        catch
        {
            _context.Dispose();
            adapters.Dispose();
            throw;
        }

        _cache = new(_context);
        _candidates = new(model.Tokenizer.VocabularySize);
        _forcedTokens = new(model.Tokenizer);
        // What is on GPUs as a whole leaves the processors to others.
        _turn = model.Offload.LayersOf(model.LayerCount) > model.LayerCount ? null : ProcessorTurn.Shared;
        _telemetry = new(model.Name, () => Volatile.Read(ref _queued), _logger);
    }

    public Activity? StartActivity(int promptTokens) => _telemetry.Start(promptTokens);

    /// <summary>Takes a place in the queue; <see langword="false"/> if there is none. A request that is cancelled leaves its place at once.</summary>
    public bool TryEnterQueue(int places)
    {
        if (Interlocked.Increment(ref _queued) <= places)
        {
            return true;
        }

        Interlocked.Decrement(ref _queued);
        return false;
    }

    /// <summary>Makes the step that computes a cancelled generation return soon, if it would take long.</summary>
    public void Cancel(Generation generation)
    {
        LeaveQueue(generation);
        // Either the loop sees the cancellation before the step, or this sees that there is something to interrupt.
        Interlocked.MemoryBarrier();
        if (generation.InterruptsStep)
        {
            Volatile.Write(ref _abort[0], 1);
        }
    }

    public void Stop()
    {
        // This ends the waiting for a turn, and then the step that is computed.
        _stopping.Cancel();
        Volatile.Write(ref _abort[0], 1);
    }

    public void Run()
    {
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        while (true)
        {
            try
            {
                if (!Admit())
                {
                    break;
                }

                Step(log);
            }
            catch (Exception e)
            {
                // Whose fault it was is not known, so that all that were in the step have failed.
                Exception failure = LogOrJoin(e);
                Fail(_active, failure as LlamaException ?? new LlamaException("The generation failed. The engine goes on with the next request.", failure));
            }
        }

        ReadRequests();
        Fail(_active, new ObjectDisposedException(nameof(InferenceEngine)));
        _waiting.ForEach(generation => Fail(generation, new ObjectDisposedException(nameof(InferenceEngine))));
        _transfers.ForEach(transfer => transfer.Fail(new ObjectDisposedException(nameof(InferenceEngine))));
    }

    public void Dispose()
    {
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        _telemetry.Dispose();
        _context.Dispose();
        _adapters.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(nint flag) => (byte)Volatile.Read(ref *(int*)flag);

    /// <summary>Lets cancelled requests go and takes on waiting ones; waits for one if there is nothing to do. <see langword="false"/> at the end.</summary>
    private bool Admit()
    {
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (_active[i].Generation.IsCancelled)
            {
                Leave(_active[i]);
            }
        }

        while (!_stopping.IsCancellationRequested)
        {
            ReadRequests();
            while (_transfers.Count > 0)
            {
                StateTransfer transfer = _transfers[0];
                _transfers.RemoveAt(0);
                Carry(transfer);
            }

            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].IsCancelled)
                {
                    Generation cancelled = _waiting[i];
                    _waiting.RemoveAt(i);
                    _telemetry.Ended(cancelled.Activity, failure: null);
                }
            }

            while (_active.Count < _maxParallel && _waiting.Count > 0)
            {
                Generation generation = _waiting[0];
                _waiting.RemoveAt(0);
                TakeOn(generation);
            }

            if (_active.Count > 0)
            {
                return !_stopping.IsCancellationRequested;
            }

            if (!_requests.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }

        return false;
    }

    private void ReadRequests()
    {
        while (_requests.TryRead(out object? request))
        {
            if (request is Generation generation)
            {
                _waiting.Add(generation);
            }
            else
            {
                _transfers.Add((StateTransfer)request);
            }
        }
    }

    /// <summary>Writes a sequence to a file, or reads one into the cache.</summary>
    private void Carry(StateTransfer transfer)
    {
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        try
        {
            transfer.Complete(transfer.Tokens is { } tokens ? Save(transfer.Path, tokens, log) : Load(transfer.Path, transfer.Count, log));
        }
        catch (Exception e)
        {
            transfer.Fail(e);
        }
    }

    private int Save(string path, int[] tokens, NativeLog.Scope log)
    {
        RecordAll();
        CachedSequence sequence = _cache.Start(tokens);
        int count = sequence.Length;
        nuint written = 0;
        if (count > 0)
        {
            // Through a sequence of its own: llama.cpp writes cells of ids at or above n_seq_max in a form that it cannot read.
            _context.MemorySequenceCopy((LLamaSeqId)sequence.Id, PrefixCache.TransferSequence, 0, count);
            fixed (int* pointer = tokens)
            {
                written = NativeApi.llama_state_seq_save_file(
                    _context, path, PrefixCache.TransferSequence, (LLamaToken*)pointer, (nuint)count);
            }

            _context.MemorySequenceRemove(PrefixCache.TransferSequence, -1, -1);
        }

        Release(sequence, tokens);
        return count == 0 || written > 0 ? count : throw new StateFileException(path, $"llama.cpp could not write {path}.{log.TakeErrors()}");
    }

    private int Load(string path, int count, NativeLog.Scope log)
    {
        if (count < 1 || count > _contextSize)
        {
            throw new StateFileException(path, $"{path} holds {count} tokens, and the context {_contextSize}. Set a larger ContextSize.");
        }

        int[] tokens = new int[_contextSize];
        nuint length, read;
        do
        {
            log.Hold();
            fixed (int* pointer = tokens)
            {
                read = NativeApi.llama_state_seq_load_file(
                    _context, path, PrefixCache.TransferSequence, (LLamaToken*)pointer, (nuint)tokens.Length, out length);
            }

            log.Release(forget: read > 0);
        }
        while (read == 0 && _cache.Evict(_contextSize));

        if (read == 0)
        {
            _context.MemorySequenceRemove(PrefixCache.TransferSequence, -1, -1);
            throw new StateFileException(
                path,
                _active.Exists(request => request.Sequence is not null)
                    ? $"{path} could not be loaded: its {count} tokens do not fit beside the running requests. Try again when they have ended.{log.TakeErrors()}"
                    : $"llama.cpp could not load {path}. Save the conversation again.{log.TakeErrors()}");
        }

        CachedSequence sequence = _cache.StartEmpty();
        _context.MemorySequenceCopy(PrefixCache.TransferSequence, (LLamaSeqId)sequence.Id, 0, (int)length);
        _context.MemorySequenceRemove(PrefixCache.TransferSequence, -1, -1);
        sequence.Length = (int)length;
        Release(sequence, tokens);
        return (int)length;
    }

    private void Release(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        if (sequence.Length > 0)
        {
            _cache.Keep(sequence, tokens);
        }
        else
        {
            _cache.Drop(sequence);
        }
    }

    /// <summary>Makes what requests have computed findable for others.</summary>
    private void RecordAll()
    {
        foreach (ActiveRequest request in _active)
        {
            if (request.Sequence is not null)
            {
                _cache.Record(request.Sequence, request.Tokens);
            }
        }
    }

    private void LeaveQueue(Generation generation)
    {
        if (generation.EndWaiting())
        {
            Interlocked.Decrement(ref _queued);
        }
    }

    private void TakeOn(Generation generation)
    {
        LeaveQueue(generation);
        try
        {
            GenerationRequest request = generation.Request;
            GrammarMatcher? grammar = request.Grammar?.CreateMatcher();
            SafeLLamaSamplerChainHandle chain = SamplerChain.Create(request.Sampling, _model.Tokenizer.VocabularySize, generation.MaxTokens);
            // Whoever biases tokens has a say in which of them spell a text.
            IEnumerable<int> biased = request.Sampling.LogitBias?.Keys ?? [];
            ForcedTokens? forced = grammar is null || biased.Any(token => !_model.Tokenizer.TokenTrie[token].IsEmpty) ? null : _forcedTokens;
            _active.Add(new(generation, new(chain, grammar, request.StopTokens, forced, biased)));
        }
        catch (Exception e)
        {
            Fail(generation, e as LlamaException ?? new LlamaException("The generation could not be started.", e));
        }
    }

    private void Step(NativeLog.Scope log)
    {
        FillBatch();
        if (_batch.Count == 0)
        {
            return;
        }

        if (_turn?.Take(_threads, _stopping.Token) == false)
        {
            return;
        }

        long started;
        int result;
        try
        {
            started = _timeProvider.GetTimestamp();
            result = Compute(log);
        }
        finally
        {
            _turn?.Pass(_threads);
        }

        if (result == Decoded)
        {
            if (_batch.Count >= MinSlice)
            {
                _tokensPerSecond = _batch.Count / _timeProvider.GetElapsedTime(started).TotalSeconds;
            }

            _telemetry.Step(_active.Count(request => request.StepLength > 0));
            TakeResults();
            return;
        }

        foreach (ActiveRequest request in _active)
        {
            if (request.StepLength > 0)
            {
                _cache.Rollback(request.Sequence!);
            }
        }

        if (result == NoRoom)
        {
            MakeRoom();
        }
        else if (result != Aborted)
        {
            // The log of llama.cpp tells which of its own limits was met.
            Fail(
                [.. _active.Where(request => request.StepLength > 0)],
                new LlamaException($"llama.cpp failed to compute {_batch.Count} tokens (llama_decode answered {result}).{log.TakeErrors()}"));
        }
    }

    /// <summary>Puts together the next token of each answer and, in the room that is left, equal slices of the prompts.</summary>
    private void FillBatch()
    {
        if (_active.Exists(request => request.Sequence is null))
        {
            // A request is about to start: now, and not at each token.
            RecordAll();
        }

        _batch.Clear();
        int prompts = 0;
        foreach (ActiveRequest request in _active)
        {
            request.StepLength = 0;
            request.OutputIndex = -1;
            if (request.Sequence is null && MayStart(request))
            {
                Start(request);
            }

            if (request.Sequence is null)
            {
                continue;
            }

            if (request.Pending.Length == 1)
            {
                AddToBatch(request, 1);
            }
            else
            {
                prompts++;
            }
        }

        int room = _batch.Capacity - _batch.Count;
        bool othersCompute = _turn?.IsShared(_threads) == true;
        if (_batch.Count + prompts > 1 || othersCompute)
        {
            bool isAnswering = _active.Exists(request => request is { Sequence: not null, Generated: > 0 });
            TimeSpan time = isAnswering || othersCompute ? s_stepTime : s_promptStepTime;
            room = Math.Min(room, (int)Math.Max(Math.Max(MinSlice, prompts), _tokensPerSecond * time.TotalSeconds));
        }

        foreach (ActiveRequest request in _active)
        {
            if (request.Sequence is not null && request.StepLength == 0 && room > 0)
            {
                // Who needs less than an equal share leaves the rest to the others.
                int length = Math.Min(request.Pending.Length, Math.Max(1, room / prompts));
                AddToBatch(request, length);
                room -= length;
                prompts--;
            }
        }
    }

    private void AddToBatch(ActiveRequest request, int length)
    {
        ReadOnlySpan<int> pending = request.Pending;
        CachedSequence sequence = request.Sequence!;
        for (int i = 0; i < length; i++)
        {
            int index = _batch.Add(pending[i], sequence.Length + i, sequence.Id, hasOutput: i == pending.Length - 1);
            request.OutputIndex = i == pending.Length - 1 ? index : -1;
        }

        request.StepLength = length;
    }

    /// <summary>Whether a request need not wait: for older requests that it made room for, or for a prompt that it shares much with.</summary>
    private bool MayStart(ActiveRequest request)
    {
        request.WaitsForRoom = _active.Exists(other => other.Sequence is not null) && (request.PausedAt == _ended || !HasRoom(request));
        if (request.WaitsForRoom)
        {
            return false;
        }

        int cached = -1;
        foreach (ActiveRequest other in _active)
        {
            if (other == request)
            {
                break;
            }

            if (other.Sequence is null && other.WaitsForRoom)
            {
                // For its elders to end, and not for those who came later.
                return false;
            }

            if (other.Sequence is { } sequence && other.Pending.Length > 1)
            {
                int shared = other.Tokens.CommonPrefixLength(request.Tokens);
                cached = cached < 0 ? _cache.Match(request.Tokens) : cached;
                if (shared > sequence.Length && shared - cached >= MinSharedTokens)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a request fits beside the ones that are computed, without what is only kept.</summary>
    private bool HasRoom(ActiveRequest request)
    {
        int cells = 0;
        foreach (ActiveRequest other in _active)
        {
            if (other.Sequence is not null)
            {
                cells += OwnLength(other, upTo: other);
            }
        }

        return cells + OwnLength(request, upTo: null) <= _contextSize;
    }

    /// <summary>How many of a request's tokens none of the running ones, up to a given one, has.</summary>
    private int OwnLength(ActiveRequest request, ActiveRequest? upTo)
    {
        int shared = 0;
        foreach (ActiveRequest other in _active)
        {
            if (other == upTo)
            {
                break;
            }

            if (other != request && other.Sequence is { } sequence)
            {
                shared = Math.Max(shared, other.Tokens[..sequence.Length].CommonPrefixLength(request.Tokens));
            }
        }

        return request.Tokens.Length - shared;
    }

    private void Start(ActiveRequest request)
    {
        // The last token is always computed: its predictions are wanted.
        request.Sequence = _cache.Start(request.Tokens[..^1]);
        request.PausedAt = -1;
        if (request.Generation.Started is null)
        {
            request.Generation.Started = _timeProvider.GetTimestamp();
            request.Generation.CachedTokens = request.Sequence.Length;
        }
    }

    private int Compute(NativeLog.Scope log)
    {
        foreach (ActiveRequest request in _active)
        {
            // A step that others are part of too is short, and theirs to finish.
            request.Generation.InterruptsStep = request.StepLength > 0 && request.StepLength == _batch.Count;
        }

        Volatile.Write(ref _abort[0], 0);
        Interlocked.MemoryBarrier();
        int result = Aborted;
        if (!_stopping.IsCancellationRequested && !_active.Exists(request => request.Generation is { IsCancelled: true, InterruptsStep: true }))
        {
            log.Hold();
            result = NativeMethods.llama_decode(_context, _batch.ToNative());
            // llama.cpp calls it an error when it does as it is told, and when the caller must make room.
            log.Release(forget: result is Aborted or NoRoom);
        }

        foreach (ActiveRequest request in _active)
        {
            request.Generation.InterruptsStep = false;
        }

        return result;
    }

    private void TakeResults()
    {
        for (int i = 0; i < _active.Count; i++)
        {
            ActiveRequest request = _active[i];
            if (request.StepLength == 0)
            {
                continue;
            }

            request.Sequence!.Length += request.StepLength;
            if (request.OutputIndex < 0)
            {
                continue;
            }

            try
            {
                if (!Sample(request))
                {
                    Leave(request);
                    i--;
                }
            }
            catch (Exception e)
            {
                // Here it is known whose fault it was.
                Fail([request], e as LlamaException ?? new LlamaException("The next token could not be drawn.", LogOrJoin(e)));
                i--;
            }
        }
    }

    /// <summary>Draws the next token and hands it out, with those that must follow it; <see langword="false"/> if the answer ends with them.</summary>
    private bool Sample(ActiveRequest request)
    {
        Generation generation = request.Generation;
        bool isStop = false;
        if (request.Generated == 0)
        {
            generation.FirstToken = _timeProvider.GetTimestamp();
        }

        if (request.Generated > 0 || !JumpForward(request))
        {
            // A grammar may want an empty answer.
            int token = request.Sampler.IsFinal ? -1 : request.Sampler.Sample(_context, request.OutputIndex, _candidates);
            isStop = token < 0 || request.Sampler.IsStop(token);
            if (!isStop)
            {
                Take(request, token);
                JumpForward(request);
            }
        }

        isStop |= request.Sampler.IsFinal;
        if (!isStop && request.Generated < generation.MaxTokens)
        {
            return true;
        }

        GenerationResult result = generation.CreateResult(isStop ? FinishReason.Stop : FinishReason.Length, request.Generated);
        _telemetry.Completed(generation.Activity, result);
        generation.Complete(result);
        return false;
    }

    /// <summary>Puts what the grammar leaves no choice about into the answer, where there is such.</summary>
    /// <returns>Whether there was.</returns>
    private static bool JumpForward(ActiveRequest request)
    {
        int generated = request.Generated;
        ReadOnlySpan<int> forced;
        while (request.Generated < request.Generation.MaxTokens && !(forced = request.Sampler.FindForced(request.Answer)).IsEmpty)
        {
            foreach (int token in forced[..Math.Min(forced.Length, request.Generation.MaxTokens - request.Generated)])
            {
                int before = request.Generated;
                request.Sampler.Accept(token);
                Take(request, token);
                if (request.Generated > before + 1)
                {
                    // The thinking was closed behind it, and the grammar is elsewhere now.
                    break;
                }
            }
        }

        return request.Generated > generated;
    }

    /// <summary>Puts a token into the answer, and what ends the thinking behind it if it has been long enough.</summary>
    private static void Take(ActiveRequest request, int token)
    {
        HandOut(request, token);
        if (request.Thinking is not { } thinking)
        {
            return;
        }

        bool mustClose = thinking.MustClose(request.Answer);
        request.Generation.ThinkingEnd = thinking.End;
        if (mustClose)
        {
            CloseThinking(request);
        }
    }

    private static void HandOut(ActiveRequest request, int token)
    {
        request.Add(token);
        request.Generation.Write(token);
    }

    /// <summary>Ends the thinking in the model's place.</summary>
    private static void CloseThinking(ActiveRequest request)
    {
        foreach (int token in request.Generation.Request.ThinkingLimit!.Closing)
        {
            if (request.Generated < request.Generation.MaxTokens)
            {
                request.Sampler.Accept(token);
                HandOut(request, token);
            }
        }
    }

    /// <summary>The cache is full: what nobody uses goes first, then the youngest request waits until others have ended.</summary>
    private void MakeRoom()
    {
        if (_cache.Evict(_batch.Count))
        {
            return;
        }

        ActiveRequest youngest = FindToPause();
        if (_active.Count(request => request.Sequence is not null) == 1)
        {
            Fail([youngest], new LlamaException($"The KV cache has no room for {youngest.StepLength} more tokens beside {youngest.Sequence!.Length}."));
            return;
        }

        LogOrIgnorePause(youngest.Sequence!.Length);
        _cache.Drop(youngest.Sequence);
        youngest.Sequence = null;
        youngest.PausedAt = _ended;
    }

    /// <summary>The oldest request that does not fit beside its elders, or else the youngest.</summary>
    private ActiveRequest FindToPause()
    {
        int cells = 0;
        ActiveRequest? last = null;
        foreach (ActiveRequest request in _active)
        {
            if (request.Sequence is null)
            {
                continue;
            }

            cells += OwnLength(request, upTo: request);
            if (last is not null && cells > _contextSize)
            {
                return request;
            }

            last = request;
        }

        return last!;
    }

    private void Leave(ActiveRequest request)
    {
        _active.Remove(request);
        _ended++;
        _telemetry.Ended(request.Generation.Activity, failure: null);
        if (request.Sequence is { } sequence)
        {
            Release(sequence, request.Tokens);
        }

        request.Dispose();
    }

    private void LogOrIgnorePause(int tokens)
    {
        try
        {
            LogPause(tokens);
        }
        catch (Exception)
        {
            // A remark for developers; a log that cannot take it is no reason for a request to fail.
        }
    }

    /// <summary>Logs a failure; if the logger fails too, both are the failure.</summary>
    private Exception LogOrJoin(Exception exception)
    {
        try
        {
            LogFailure(exception);
            return exception;
        }
        catch (Exception logging)
        {
            return new AggregateException(exception, logging);
        }
    }

    private void Fail(List<ActiveRequest> requests, Exception exception)
    {
        foreach (ActiveRequest request in requests.ToArray())
        {
            _active.Remove(request);
            _ended++;
            Fail(request.Generation, exception);
            if (request.Sequence is not null)
            {
                _cache.Drop(request.Sequence);
            }

            request.Dispose();
        }
    }

    private void Fail(Generation generation, Exception exception)
    {
        _telemetry.Ended(generation.Activity, exception);
        generation.Fail(exception);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "InferenceEngineOptions.Threads is {Requested}, but this process has {Threads} processors: {Threads} threads are used")]
    private partial void LogFewerThreads(int requested, int threads);

    [LoggerMessage(Level = LogLevel.Error, Message = "A generation failed")]
    private partial void LogFailure(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The KV cache is full: the youngest request, {Tokens} tokens long, waits for others to end")]
    private partial void LogPause(int tokens);
}
