namespace Qwen3.Agents;

/// <summary>Measures a part of a run, and cancels it when the time of the run is up.</summary>
internal sealed class RunClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _before;
    private readonly long _started;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _linked;

    public RunClock(TimeProvider time, WorkflowLimits limits, TimeSpan before, params ReadOnlySpan<CancellationToken> cancellationTokens)
    {
        _time = time;
        _before = before;
        _started = time.GetTimestamp();
        TimeSpan left = limits.MaxTime is { } max ? TimeSpan.FromTicks(Math.Max(0, (max - before).Ticks)) : Timeout.InfiniteTimeSpan;
        _deadline = new(left, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource([_deadline.Token, .. cancellationTokens]);
    }

    public CancellationToken Token => _linked.Token;

    public bool IsExpired => _deadline.IsCancellationRequested;

    /// <summary>How long the whole has taken.</summary>
    public TimeSpan Elapsed => _before + _time.GetElapsedTime(_started);

    public void Dispose()
    {
        _linked.Dispose();
        _deadline.Dispose();
    }
}
