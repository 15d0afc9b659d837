using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp.KvCache;
using Qwen3.LlamaCpp.Loading;
using Qwen3.LlamaCpp.Sampling;
using Qwen3.LlamaCpp.Sampling.Grammars;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>
/// The loop of an engine's thread: it admits requests, has the scheduler plan a step, computes it in the llama context, and
/// has the outputs written. It owns all three. Only <see cref="Queue"/>, <see cref="StartActivity"/>, <see cref="Cancel"/>
/// and <see cref="Stop"/> are used by other threads.
/// </summary>
internal sealed partial class EngineLoop : IDisposable
{
    private readonly LlamaModel _model;
    private readonly ILogger _logger;
    private readonly ChannelReader<object> _requests;
    private readonly TimeProvider _timeProvider;
    private readonly LlamaContext _context;
    private readonly PrefixCache _cache;
    private readonly Scheduler _scheduler;
    private readonly EngineTelemetry _telemetry;
    private readonly Candidates _candidates;
    private readonly ForcedTokens _forcedTokens;
    private readonly CpuGate? _gate;
    private readonly int _contextSize;
    private readonly int _threads;

    // In order of arrival.
    private readonly List<Generation> _waiting = [];
    private readonly List<StateTransfer> _transfers = [];
    private readonly CancellationTokenSource _stopping = new();

    public EngineLoop(LlamaModel model, AdapterSet adapters, int contextSize, InferenceEngineOptions options, ChannelReader<object> requests)
    {
        _model = model;
        _logger = options.LoggerFactory?.CreateLogger<InferenceEngine>() ?? NullLogger<InferenceEngine>.Instance;
        _requests = requests;
        _timeProvider = options.TimeProvider;
        _contextSize = contextSize;
        Queue = new(options.MaxQueuedRequests);
        _threads = Math.Min(options.Threads ?? CpuThreads.Default, CpuThreads.Maximum);
        if (options.Threads > _threads)
        {
            LogFewerThreads(options.Threads.Value, _threads);
        }

        _context = new(model, adapters, contextSize, _threads, options, _logger);
        _cache = new(_context.Cells);
        int batchSize = _context.Batch.Capacity;
        _scheduler = new(_cache, contextSize, batchSize, Math.Min(options.MaxParallelRequests, batchSize));
        _candidates = new(model.Tokenizer.VocabularySize);
        _forcedTokens = new(model.Tokenizer);
        // An engine that is wholly on GPUs leaves the processors to others.
        _gate = model.Offload.LayersOf(model.LayerCount) > model.LayerCount ? null : CpuGate.Shared;
        _telemetry = new(model.Name, () => Queue.Count, _logger);
    }

    /// <summary>Gets the places of requests that wait to be admitted.</summary>
    public RequestQueue Queue { get; }

    public Activity? StartActivity(int promptTokens) => _telemetry.Start(promptTokens);

    /// <summary>Makes the step that computes a cancelled generation return soon, if it would take long.</summary>
    public void Cancel(Generation generation)
    {
        LeaveQueue(generation);
        // Either the loop sees the cancellation before the step, or this sees that there is something to interrupt.
        Interlocked.MemoryBarrier();
        if (generation.InterruptsStep)
        {
            _context.Abort();
        }
    }

    public void Stop()
    {
        // This ends the wait for the processors, and then the step that is computed.
        _stopping.Cancel();
        _context.Abort();
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
                // Which request is to blame is unknown, so all that were in the step fail.
                Exception failure = LogOrJoin(e);
                FailAll(failure as LlamaException ?? new LlamaException("The generation failed. The engine goes on with the next request.", failure));
            }
        }

        ReadRequests();
        FailAll(new ObjectDisposedException(nameof(InferenceEngine)));
        _waiting.ForEach(generation => Fail(generation, new ObjectDisposedException(nameof(InferenceEngine))));
        _transfers.ForEach(transfer => transfer.Fail(new ObjectDisposedException(nameof(InferenceEngine))));
    }

    public void Dispose()
    {
        using NativeLog.Scope log = NativeLog.Capture(_logger);
        _telemetry.Dispose();
        _context.Dispose();
    }

    /// <summary>
    /// Removes cancelled requests and admits waiting ones; waits for one if there is nothing to do. Returns
    /// <see langword="false"/> when the engine stops.
    /// </summary>
    private bool Admit()
    {
        for (int i = _scheduler.Requests.Count - 1; i >= 0; i--)
        {
            var request = (EngineRequest)_scheduler.Requests[i];
            if (request.Generation.IsCancelled)
            {
                Finish(request);
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

            while (_scheduler.CanAdmit && _waiting.Count > 0)
            {
                Generation generation = _waiting[0];
                _waiting.RemoveAt(0);
                Admit(generation);
            }

            if (_scheduler.Requests.Count > 0)
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

    private void Admit(Generation generation)
    {
        LeaveQueue(generation);
        try
        {
            _scheduler.Admit(new EngineRequest(generation, CreateSampler(generation)));
        }
        catch (Exception e)
        {
            Fail(generation, e as LlamaException ?? new LlamaException("The generation could not be started.", e));
        }
    }

    private TokenSampler CreateSampler(Generation generation)
    {
        GenerationRequest request = generation.Request;
        GrammarMatcher? grammar = request.Grammar?.CreateMatcher();
        // A caller who biases tokens decides which of them spell a text.
        IEnumerable<int> biased = request.Sampling.LogitBias?.Keys ?? [];
        bool isForcing = grammar is not null && biased.All(token => _model.Tokenizer.TokenTrie[token].IsEmpty);
        return new(
            SamplerChain.Create(request.Sampling, _model.Tokenizer.VocabularySize, generation.MaxTokens),
            _context.Handle,
            _candidates,
            grammar,
            request.StopTokens,
            isForcing ? _forcedTokens : null,
            biased);
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
        _scheduler.RecordAll();
        try
        {
            return _cache.Save(path, tokens);
        }
        catch (StateFileException e)
        {
            throw new StateFileException(path, e.Message + log.TakeErrors());
        }
    }

    private int Load(string path, int count, NativeLog.Scope log)
    {
        if (count < 1 || count > _contextSize)
        {
            throw new StateFileException(path, $"{path} holds {count} tokens, and the context {_contextSize}. Set a larger ContextSize.");
        }

        log.Hold();
        int loaded = _cache.Load(
            path,
            new int[_contextSize],
            isLoaded =>
            {
                log.Release(forget: isLoaded);
                log.Hold();
            });
        log.Release(forget: loaded > 0);
        if (loaded > 0)
        {
            return loaded;
        }

        bool isBusy = _scheduler.Requests.Any(request => request.Sequence is not null);
        throw new StateFileException(
            path,
            isBusy
                ? $"{path} could not be loaded: its {count} tokens do not fit beside the running requests. Try again when they have " +
                    $"finished.{log.TakeErrors()}"
                : $"llama.cpp could not load {path}. Save the conversation again.{log.TakeErrors()}");
    }

    private void Step(NativeLog.Scope log)
    {
        ScheduledStep step = _scheduler.Plan(isCpuShared: _gate?.IsShared(_threads) == true);
        if (step.TokenCount == 0)
        {
            return;
        }

        FillBatch(step);
        if (_gate?.Take(_threads, _stopping.Token) == false)
        {
            return;
        }

        long started;
        StepOutcome outcome;
        int code;
        try
        {
            started = _timeProvider.GetTimestamp();
            outcome = Compute(step, log, out code);
        }
        finally
        {
            _gate?.Pass(_threads);
        }

        switch (outcome)
        {
            case StepOutcome.Computed:
                _scheduler.Complete(_timeProvider.GetElapsedTime(started));
                _telemetry.Step(step.Requests.Count);
                WriteOutputs(step);
                break;
            case StepOutcome.NoFreeCells:
                _scheduler.Rollback();
                FreeCells();
                break;
            case StepOutcome.Aborted:
                _scheduler.Rollback();
                break;
            default:
                _scheduler.Rollback();
                // The log of llama.cpp says which of its limits was met.
                var failure = new LlamaException($"llama.cpp failed to compute {step.TokenCount} tokens (llama_decode returned {code}).{log.TakeErrors()}");
                foreach (ScheduledRequest request in step.Requests.ToArray())
                {
                    Fail((EngineRequest)request, failure);
                }

                break;
        }
    }

    private void FillBatch(ScheduledStep step)
    {
        TokenBatch batch = _context.Batch;
        batch.Clear();
        for (int i = 0; i < step.Requests.Count; i++)
        {
            var request = (EngineRequest)step.Requests[i];
            Generation generation = request.Generation;
            if (generation.Started is null)
            {
                generation.Started = _timeProvider.GetTimestamp();
                generation.CachedTokens = request.CachedTokens;
            }

            ReadOnlySpan<int> pending = request.Pending;
            request.OutputIndex = -1;
            for (int token = 0; token < request.StepLength; token++)
            {
                bool isLast = token == pending.Length - 1;
                int index = batch.Add(pending[token], request.Sequence!.Length + token, request.Sequence.Id, hasOutput: isLast);
                request.OutputIndex = isLast ? index : -1;
            }
        }
    }

    private StepOutcome Compute(ScheduledStep step, NativeLog.Scope log, out int code)
    {
        // A step that others are part of too is short, and is finished for them.
        EngineRequest? alone = step.Requests.Count == 1 ? (EngineRequest)step.Requests[0] : null;
        if (alone is not null)
        {
            alone.Generation.InterruptsStep = true;
        }

        _context.AllowSteps();
        Interlocked.MemoryBarrier();
        code = 0;
        StepOutcome outcome = _stopping.IsCancellationRequested || alone?.Generation.IsCancelled == true
            ? StepOutcome.Aborted
            : _context.Decode(log, out code);
        if (alone is not null)
        {
            alone.Generation.InterruptsStep = false;
        }

        return outcome;
    }

    private void WriteOutputs(ScheduledStep step)
    {
        for (int i = 0; i < step.Requests.Count; i++)
        {
            var request = (EngineRequest)step.Requests[i];
            if (request.OutputIndex < 0)
            {
                continue;
            }

            try
            {
                Generation generation = request.Generation;
                if (request.Generated == 0)
                {
                    generation.FirstToken = _timeProvider.GetTimestamp();
                }

                if (OutputWriter.Write(request) is { } reason)
                {
                    GenerationResult result = generation.CreateResult(reason, request.Generated);
                    _telemetry.Completed(generation.Activity, result);
                    generation.Complete(result);
                    Finish(request);
                    i--;
                }
            }
            catch (Exception e)
            {
                // Here the request to blame is known.
                Fail(request, e as LlamaException ?? new LlamaException("The next token could not be sampled.", LogOrJoin(e)));
                i--;
            }
        }
    }

    private void FreeCells()
    {
        if (!_scheduler.TryFreeCells(out ScheduledRequest? preempted))
        {
            Fail(
                (EngineRequest)preempted!,
                new LlamaException($"The KV cache has no room for {preempted!.StepLength} more tokens beside {preempted.Sequence!.Length}."));
        }
        else if (preempted is not null)
        {
            LogOrIgnorePreemption(preempted.Tokens.Length);
        }
    }

    private void LeaveQueue(Generation generation)
    {
        if (generation.EndWaiting())
        {
            Queue.Leave();
        }
    }

    private void Finish(EngineRequest request)
    {
        _telemetry.Ended(request.Generation.Activity, failure: null);
        _scheduler.Finish(request);
        request.Dispose();
    }

    private void FailAll(Exception exception)
    {
        foreach (ScheduledRequest request in _scheduler.Requests.ToArray())
        {
            Fail((EngineRequest)request, exception);
        }
    }

    private void Fail(EngineRequest request, Exception exception)
    {
        Fail(request.Generation, exception);
        _scheduler.Abandon(request);
        request.Dispose();
    }

    private void Fail(Generation generation, Exception exception)
    {
        _telemetry.Ended(generation.Activity, exception);
        generation.Fail(exception);
    }

    private void LogOrIgnorePreemption(int tokens)
    {
        try
        {
            LogPreemption(tokens);
        }
        catch (Exception)
        {
            // A remark for developers; a log that fails is no reason for a request to fail.
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

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "InferenceEngineOptions.Threads is {Requested}, but this process has {Threads} processors: {Threads} threads are used")]
    private partial void LogFewerThreads(int requested, int threads);

    [LoggerMessage(Level = LogLevel.Error, Message = "A generation failed")]
    private partial void LogFailure(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The KV cache is full: a request of {Tokens} tokens is preempted until others have finished")]
    private partial void LogPreemption(int tokens);
}
