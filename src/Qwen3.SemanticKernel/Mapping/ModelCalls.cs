namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Tells whether the model computes for a request, or functions run.</summary>
internal sealed class ModelCalls
{
    private static readonly AsyncLocal<ModelCalls?> s_current = new();

    private readonly Lock _lock = new();
    private TaskCompletionSource? _running;
    private int _count;

    public static ModelCalls? Current => s_current.Value;

    /// <summary>Makes the calls of this flow known to the clients below.</summary>
    public static ModelCalls Start(ModelCalls? calls = null) => s_current.Value = calls ?? new();

    public void Enter()
    {
        lock (_lock)
        {
            if (_count++ == 0)
            {
                _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            if (--_count == 0)
            {
                _running!.SetResult();
            }
        }
    }

    /// <summary>
    /// Waits for a task. Once cancelled, waits no longer than the model computes, which heeds the token.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled while a function runs.</exception>
    public async Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        await task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompleted)
        {
            return;
        }

        Task running;
        lock (_lock)
        {
            running = _count > 0 ? _running!.Task : Task.CompletedTask;
        }

        await Task.WhenAny(task, running).ConfigureAwait(false);
        if (!task.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}

/// <summary>A call of the model, from its beginning until it is disposed.</summary>
internal sealed class ModelCall : IDisposable
{
    private readonly ModelCalls? _calls = ModelCalls.Current;

    public static ModelCall Begin()
    {
        var call = new ModelCall();
        call._calls?.Enter();
        return call;
    }

    public void Dispose() => _calls?.Exit();
}
