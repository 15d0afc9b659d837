using System.Threading.Channels;
using Qwen3.LlamaCpp.Execution;
using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.LlamaCpp;

/// <summary>Generates tokens with a model, on a thread of its own.</summary>
/// <remarks>
/// All members are safe for concurrent use. Up to <see cref="InferenceEngineOptions.MaxParallelRequests"/> requests are computed together,
/// step by step, and the others wait in the order in which they came. The API has no memory of a conversation, but the engine has: what a
/// prompt has in common with any before, or with one that is computed at the same time, is not computed again.
/// </remarks>
public sealed class InferenceEngine : IDisposable, IAsyncDisposable
{
    // Generations, and transfers of what is in the cache.
    private readonly Channel<object> _requests = Channel.CreateUnbounded<object>(new() { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _timeProvider;
    private readonly EngineLoop _loop;
    private readonly int _maxQueuedRequests;
    private readonly KeyValueCacheType _keyValueCacheType;
    private readonly byte[] _adapterIdentity;
    private volatile bool _isDisposed;

    /// <summary>Creates the engine and reserves the memory for its context.</summary>
    /// <param name="model">The model. It may be disposed before the engine; its weights are kept until the engine is disposed too.</param>
    /// <param name="options">How to compute; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="FileNotFoundException">There is no such adapter file.</exception>
    /// <exception cref="ModelFileException">A file in <see cref="InferenceEngineOptions.LoraAdapters"/> is no adapter for the model.</exception>
    /// <exception cref="InsufficientModelMemoryException">The context does not fit into memory.</exception>
    /// <exception cref="LlamaException">llama.cpp could not create the context.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public InferenceEngine(LlamaModel model, InferenceEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        Model = model;
        if (options.ContextSize < 1 || options.ContextSize > model.ContextLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.ContextSize,
                $"{nameof(InferenceEngineOptions.ContextSize)} must be from 1 to the {model.ContextLength} tokens that the model {model.Name} was made for.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads ?? 1, InferenceEngineOptions.ThreadLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxParallelRequests, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxParallelRequests, InferenceEngineOptions.ParallelRequestLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxQueuedRequests, 1);
        if (!Enum.IsDefined(options.KeyValueCacheType))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.KeyValueCacheType, $"{nameof(InferenceEngineOptions.KeyValueCacheType)} is none of its values.");
        }

        var adapters = new AdapterSet(model, options.LoraAdapters);
        var free = FreeMemory.Now(model.Offload);
        var plan = MemoryPlan.Create(model.Shape, model.SizeInBytes, adapters.Bytes, options, model.Offload.LayersOf(model.LayerCount), free);
        plan.RequireContext(options.MemoryLimit, free);
        ContextSize = plan.ContextSize;
        _maxQueuedRequests = options.MaxQueuedRequests;
        _keyValueCacheType = options.KeyValueCacheType;
        _timeProvider = options.TimeProvider;
        _adapterIdentity = adapters.Identity;
        _loop = new EngineLoop(model, adapters, ContextSize, options, _requests.Reader);
        new Thread(RunLoop) { IsBackground = true, Name = $"Qwen3 inference ({model.Name})" }.UnsafeStart();
    }

    /// <summary>Gets the model.</summary>
    public LlamaModel Model { get; }

    /// <summary>Gets how many tokens a prompt and its answer may have together.</summary>
    public int ContextSize { get; }

    /// <summary>Gets whether the engine was disposed, or stopped by a failure that it could not go on from.</summary>
    public bool IsDisposed => _isDisposed;

    /// <summary>Starts a generation.</summary>
    /// <param name="request">The prompt and how to go on from it.</param>
    /// <param name="cancellationToken">Cancels the generation, also while its prompt is computed.</param>
    /// <returns>The tokens as they come. Enumerate it, or dispose it to cancel.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or has an id outside the vocabulary, or a limit or sampling option is outside its range.</exception>
    /// <exception cref="ContextLengthException">The prompt does not fit into the context.</exception>
    /// <exception cref="RequestQueueFullException">As many requests wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public Generation Generate(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        // Copied, for it is read on the engine's thread from here on, whatever the caller does with its lists.
        request = new()
        {
            Prompt = [.. request.Prompt],
            Sampling = request.Sampling with { LogitBias = request.Sampling.LogitBias?.ToDictionary() },
            MaxTokens = request.MaxTokens,
            StopTokens = [.. request.StopTokens],
            Grammar = request.Grammar,
            ThinkingLimit = request.ThinkingLimit is { } limit ? limit with { Closing = [.. limit.Closing] } : null,
        };
        Check(request);
        int room = ContextSize - request.Prompt.Count;
        if (!_loop.Queue.TryEnter())
        {
            throw new RequestQueueFullException(_maxQueuedRequests);
        }

        var generation = new Generation(request, Math.Min(request.MaxTokens ?? room, room), _loop.Cancel, _timeProvider, cancellationToken);
        generation.Activity = _loop.StartActivity(request.Prompt.Count);
        if (!_requests.Writer.TryWrite(generation))
        {
            generation.Activity?.Dispose();
            generation.Dispose();
            throw new ObjectDisposedException(nameof(InferenceEngine));
        }

        return generation;
    }

    /// <summary>Writes what is computed of a prompt to a file, so that another process, or this one after a restart, need not compute it again.</summary>
    /// <param name="path">The file; one that exists is replaced when the new one is complete.</param>
    /// <param name="prompt">The prompt, of which the longest beginning that is in the cache is saved; a conversation's last prompt and answer, for example.</param>
    /// <param name="cancellationToken">Cancels before the writing and during the checksum; the writing itself is not interrupted.</param>
    /// <returns>How many of the prompt's tokens were saved; with 0 there is no file.</returns>
    /// <remarks>Running requests pause while it is written. The file takes as much as the cache does: 144 KiB a token for Qwen3-4B in F16.</remarks>
    /// <exception cref="StateFileException">The file could not be written.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public async Task<int> SaveStateAsync(string path, IReadOnlyList<int> prompt, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(prompt);
        cancellationToken.ThrowIfCancellationRequested();
        string fullPath = Path.GetFullPath(path);
        string temporary = $"{fullPath}.{Guid.NewGuid():N}.tmp";
        try
        {
            // Awaited to its end, so that the engine writes to no file that was given up here.
            int count = await CarryAsync(StateTransfer.Save(temporary, [.. prompt]), CancellationToken.None).ConfigureAwait(false);
            if (count > 0)
            {
                await KvStateFile.SealAsync(temporary, KvStateFile.Identity(Model, _keyValueCacheType, _adapterIdentity), count, cancellationToken).ConfigureAwait(false);
                File.Move(temporary, fullPath, overwrite: true);
            }

            return count;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads what <see cref="SaveStateAsync"/> wrote into the cache: prompts that begin with the same tokens are computed from there.</summary>
    /// <param name="path">The file. It is checked against damage and against another model's, not against forgery: load your own.</param>
    /// <param name="cancellationToken">Cancels the checking and the waiting; the reading itself is not interrupted.</param>
    /// <returns>How many tokens were loaded.</returns>
    /// <remarks>Running requests pause while it is read. As with anything in the cache, what is of no use goes when room is needed.</remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="StateFileException">The file is damaged, truncated or of another model, or does not fit into the context.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public async Task<int> LoadStateAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string fullPath = Path.GetFullPath(path);
        byte[] identity = KvStateFile.Identity(Model, _keyValueCacheType, _adapterIdentity);
        int count = await KvStateFile.CheckAsync(fullPath, identity, cancellationToken).ConfigureAwait(false);
        return await CarryAsync(StateTransfer.Load(fullPath, count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the engine. Generations under way and waiting end with an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Stop();
        _ended.Task.Wait();
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _ended.Task.ConfigureAwait(false);
    }

    private Task<int> CarryAsync(StateTransfer transfer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed || !_requests.Writer.TryWrite(transfer), this);
        return transfer.Completion.WaitAsync(cancellationToken);
    }

    private void Stop()
    {
        _isDisposed = true;
        _requests.Writer.TryComplete();
        _loop.Stop();
    }

    private void RunLoop()
    {
        try
        {
            _loop.Run();
        }
        finally
        {
            _isDisposed = true;
            _requests.Writer.TryComplete();
            _loop.Dispose();
            _ended.TrySetResult();
        }
    }

    private void Check(GenerationRequest request)
    {
        if (request.Prompt.Count == 0)
        {
            throw new ArgumentException("The prompt is empty; it needs one token at least.", nameof(request));
        }

        int vocabularySize = Model.Tokenizer.VocabularySize;
        foreach (int token in request.Prompt)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw new ArgumentException($"The prompt has the token id {token}; ids of this vocabulary go from 0 to {vocabularySize - 1}.", nameof(request));
            }
        }

        if (request.MaxTokens < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.MaxTokens, $"{nameof(GenerationRequest.MaxTokens)} must be 1 or more.");
        }

        foreach (int token in request.StopTokens)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw new ArgumentException($"The stop tokens have the id {token}; ids of this vocabulary go from 0 to {vocabularySize - 1}.", nameof(request));
            }
        }

        request.Sampling.Validate(vocabularySize);
        request.ThinkingLimit?.Validate(vocabularySize);
        if (request.Grammar is { } grammar && grammar.Tokenizer.VocabularySize != vocabularySize)
        {
            throw new ArgumentException(
                $"The grammar was made with a tokenizer of {grammar.Tokenizer.VocabularySize} tokens, and the model has {vocabularySize}. Make it with the model's own.", nameof(request));
        }

        if (request.Prompt.Count >= ContextSize)
        {
            throw new ContextLengthException(request.Prompt.Count, ContextSize);
        }
    }
}
