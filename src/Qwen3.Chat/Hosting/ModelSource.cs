namespace Qwen3.Chat.Hosting;

/// <summary>
/// Has a client's model ready: one that is given, or one that is loaded from its file when it is first needed and let go when nobody has needed
/// it for a while.
/// </summary>
internal sealed class ModelSource : IDisposable, IAsyncDisposable
{
    // A timer takes no more than 49 days.
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
    /// <param name="options">When to let it go.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Qwen3ChatClientOptions.UnloadAfter"/> is no positive time.</exception>
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
                nameof(options), unloadAfter, $"{nameof(Qwen3ChatClientOptions.UnloadAfter)} must be a positive time, or null to keep the model.");
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
                return !_isDisposed && _model is { IsCompletedSuccessfully: true, Result: { IsLost: false } model } ? model : null;
            }
        }
    }

    /// <summary>Why the model could not be loaded.</summary>
    public Exception? Failure => _model?.Exception?.InnerException;

    /// <summary>The model, which stays until <see cref="Return"/> is called; it is loaded if it is not there.</summary>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    public async Task<LoadedModel> RentAsync(CancellationToken cancellationToken)
    {
        Task<LoadedModel> model;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(Qwen3ChatClient));
            if (_model is { IsCanceled: true } or { IsFaulted: true })
            {
                // What was wrong may have been mended since.
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
            // Who gives up waiting does not stop the loading, for others may wait for it too.
            return await model.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Return();
            ObjectDisposedException.ThrowIf(e is OperationCanceledException && !cancellationToken.IsCancellationRequested, typeof(Qwen3ChatClient));
            throw;
        }
    }

    /// <summary>Ends the use of what was rented.</summary>
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

    /// <summary>Frees the model, also one that is being loaded, if it is not the caller's own, and returns when that is done.</summary>
    public void Dispose()
    {
        Task disposal = DisposeAsync().AsTask();
        // The loading cannot wait for its own end: who is told of its progress may dispose the client.
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
            // Why it could not be loaded is told to those who wait for it.
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
    /// The code of callers that wait for it runs on the thread pool, never inside of <see cref="Dispose"/>, which cancels the
    /// loading: it may wait for the thread that disposes.
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
                // Used while the timer was on its way here, or still being loaded for somebody who did not wait.
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
