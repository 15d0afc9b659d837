namespace Qwen3.Chat.Tests.Models;

/// <summary>
/// A clock on which waits of up to half an hour end at once, and are written down; each look at it is a second later than the one before.
/// </summary>
internal sealed class HurriedTime : TimeProvider
{
    private long _seconds;

    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Interlocked.Increment(ref _seconds);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.FromMinutes(30) || dueTime == Timeout.InfiniteTimeSpan)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        lock (Waits)
        {
            Waits.Add(dueTime);
        }

        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
