namespace Qwen3.Chat.Tests.Models;

/// <summary>
/// A clock on which delays of up to half an hour end at once and are recorded. Each reading is one second later than
/// the previous one.
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
