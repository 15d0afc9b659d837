namespace Qwen3.Chat.Hosting;

/// <summary>
/// Has a client's model ready: one that is given, or one that is loaded from its file when it is first needed and let go when nobody has needed
/// it for a while.
/// </summary>
internal sealed class ModelSource : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly Func<CancellationToken, Task<LoadedModel>> _load;
    private readonly TimeSpan? _unloadAfter;
    private readonly ITimer? _idle;
    private Task<LoadedModel>? _model;
    private int _users;

    public ModelSource(LoadedModel model)
    {
        _model = Task.FromResult(model);
        _load = _ => _model;
    }

    /// <param name="load">Loads the model.</param>
    /// <param name="options">When to let it go.</param>
    public ModelSource(Func<CancellationToken, Task<LoadedModel>> load, Qwen3ChatClientOptions options)
    {
        _load = load;
        _unloadAfter = options.UnloadAfter;
        _idle = _unloadAfter is null ? null : options.Engine.TimeProvider.CreateTimer(
            static source => ((ModelSource)source!).Unload(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ModelState State
    {
        get
        {
            lock (_lock)
            {
                return _disposal.IsCancellationRequested ? ModelState.Disposed
                    : _model is null ? ModelState.Unloaded
                    : !_model.IsCompleted ? ModelState.Loading
                    : _model.IsCompletedSuccessfully && !_model.Result.Engine.IsDisposed ? ModelState.Loaded
                    : ModelState.Failed;
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
            ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, typeof(Qwen3ChatClient));
            if (_model is { IsCanceled: true } or { IsFaulted: true })
            {
                // What was wrong may have been mended since.
                _model = null;
            }

            model = _model ??= _load(_disposal.Token);
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
            if (_users == 0 && !_disposal.IsCancellationRequested)
            {
                _idle?.Change(_unloadAfter!.Value, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Frees the model, also one that is being loaded, if it is not the caller's own.</summary>
    public void Dispose()
    {
        Task<LoadedModel>? model;
        lock (_lock)
        {
            if (_disposal.IsCancellationRequested)
            {
                return;
            }

            _disposal.Cancel();
            model = _model;
        }

        _idle?.Dispose();
        Free(model);
    }

    private static void Free(Task<LoadedModel>? model)
    {
        if (model is { IsCompleted: false })
        {
            model.ContinueWith(static loaded => loaded.Result.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously);
        }
        else if (model is { IsCompletedSuccessfully: true })
        {
            model.Result.Dispose();
        }
    }

    private void Unload()
    {
        Task<LoadedModel>? model = null;
        lock (_lock)
        {
            if (_users == 0 && !_disposal.IsCancellationRequested)
            {
                (model, _model) = (_model, null);
            }
        }

        Free(model);
    }
}
