namespace Qwen3.Chat.Hosting;

/// <summary>
/// Provides a client's model: one that exists, or one that is loaded on first use and unloaded when it has been idle
/// for some time.
/// </summary>
internal sealed class ModelSource : IDisposable, IAsyncDisposable
{
    // The limit of a timer.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(49);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly AsyncLocal<bool> _isLoading = new();
    private readonly Func<CancellationToken, Task<LoadedModel>> _load;
    private readonly TimeProvider _timeProvider = TimeProvider.System;
    private readonly TimeSpan _unloadAfter;
    private readonly ITimer? _idle;
    private Task<LoadedModel>? _model;
    private bool _isDisposed;
    private int _users;
    private long _lastUse;
    private Task _freeing = Task.CompletedTask;

    public ModelSource(LoadedModel model)
    {
        _model = Task.FromResult(model);
        _load = _ => _model;
    }

    /// <param name="load">Loads the model.</param>
    /// <param name="options">The options, with the idle time after which the model is unloaded.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="Qwen3ChatClientOptions.UnloadAfter"/> is not a positive time.
    /// </exception>
    public ModelSource(Func<CancellationToken, Task<LoadedModel>> load, Qwen3ChatClientOptions options)
    {
        _load = load;
        _timeProvider = options.Engine.TimeProvider;
        if (options.UnloadAfter is not { } unloadAfter)
        {
            return;
        }

        if (unloadAfter <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                unloadAfter,
                $"{nameof(Qwen3ChatClientOptions.UnloadAfter)} must be a positive time, or null to keep the model.");
        }

        _unloadAfter = unloadAfter < s_longestWait ? unloadAfter : s_longestWait;
        _idle = _timeProvider.CreateTimer(
            static source => ((ModelSource)source!).Unload(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ModelState State
    {
        get
        {
            lock (_lock)
            {
                return _isDisposed ? ModelState.Disposed
                    : _model is null ? ModelState.Unloaded
                    : !_model.IsCompleted ? ModelState.Loading
                    : _model.IsCompletedSuccessfully && !_model.Result.Engine.IsDisposed ? ModelState.Loaded
                    : ModelState.Failed;
            }
        }
    }

    /// <summary>Gets the model if it is loaded.</summary>
    public LoadedModel? Loaded
    {
        get
        {
            lock (_lock)
            {
                return !_isDisposed && _model is { IsCompletedSuccessfully: true, Result: { IsLost: false } model }
                    ? model
                    : null;
            }
        }
    }

    /// <summary>Gets the exception of the last loading, if it failed.</summary>
    public Exception? Failure => _model?.Exception?.InnerException;

    /// <summary>
    /// Returns the model, which is kept until <see cref="Return"/> is called. It is loaded unless it is loaded already.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    public async Task<LoadedModel> RentAsync(CancellationToken cancellationToken)
    {
        Task<LoadedModel> model;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(Qwen3ChatClient));
            if (_model is { IsCanceled: true } or { IsFaulted: true })
            {
                // The cause may be gone: try again.
                _model = null;
            }
            else if (_model is { IsCompletedSuccessfully: true, Result: { IsLost: true } lost })
            {
                (_model, _freeing) = (null, Task.Run(lost.Dispose));
            }

            model = _model ??= StartLoading(_freeing);
            _users++;
            _idle?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        try
        {
            // Cancelling one request does not cancel the loading, which others may wait for.
            return await model.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Return();
            bool isDisposal = e is OperationCanceledException && !cancellationToken.IsCancellationRequested;
            ObjectDisposedException.ThrowIf(isDisposal, typeof(Qwen3ChatClient));
            throw;
        }
    }

    /// <summary>Ends the use of the model.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _users--;
            _lastUse = _timeProvider.GetTimestamp();
            if (_users == 0 && !_isDisposed)
            {
                _idle?.Change(_unloadAfter, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>
    /// Frees the model, also while it is loading, unless the caller owns it, and returns when it is freed.
    /// </summary>
    public void Dispose()
    {
        Task disposal = DisposeAsync().AsTask();
        // A progress callback may dispose the client. The loading cannot wait for its own end.
        if (!_isLoading.Value)
        {
            disposal.GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        Task<LoadedModel>? model;
        Task freeing;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            (model, freeing) = (_model, _freeing);
        }

        // Outside the lock: cancelling runs the code of others.
        _disposal.Cancel();
        _idle?.Dispose();
        await freeing.ConfigureAwait(false);
        if (model is not null)
        {
            // The requests that wait for the model get its exception.
            await ((Task)model).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Free(model);
        }
    }

    private static void Free(Task<LoadedModel>? model)
    {
        if (model is { IsCompletedSuccessfully: true })
        {
            model.Result.Dispose();
        }
    }

    /// <summary>Loads the model.</summary>
    /// <remarks>
    /// The code of callers that wait for it runs on the thread pool, never inside of <see cref="Dispose"/>, which
    /// cancels the loading: it may wait for the thread that disposes.
    /// </remarks>
    private Task<LoadedModel> StartLoading(Task freeing)
    {
        var loaded = new TaskCompletionSource<LoadedModel>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = CompleteAsync();
        return loaded.Task;

        async Task CompleteAsync()
        {
            try
            {
                loaded.SetResult(await LoadAsync(freeing).ConfigureAwait(false));
            }
            catch (OperationCanceledException e)
            {
                loaded.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                loaded.SetException(e);
            }
        }
    }

    private async Task<LoadedModel> LoadAsync(Task freeing)
    {
        _isLoading.Value = true;
        // There may not be enough memory for two models.
        await freeing.ConfigureAwait(false);
        return await _load(_disposal.Token).ConfigureAwait(false);
    }

    private void Unload()
    {
        Task<LoadedModel>? model;
        var freed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_users > 0 || _disposal.IsCancellationRequested)
            {
                return;
            }

            TimeSpan rest = _unloadAfter - _timeProvider.GetElapsedTime(_lastUse);
            if (rest > TimeSpan.Zero || _model is { IsCompleted: false })
            {
                // Used since the timer fired, or still loading for a request that was cancelled.
                _idle!.Change(rest > TimeSpan.Zero ? rest : _unloadAfter, Timeout.InfiniteTimeSpan);
                return;
            }

            (model, _model, _freeing) = (_model, null, freed.Task);
        }

        try
        {
            Free(model);
        }
        finally
        {
            freed.SetResult();
        }
    }
}

/// <summary>The state of a client's model.</summary>
internal enum ModelState
{
    Unloaded,
    Loading,
    Loaded,
    Failed,
    Disposed,
}
