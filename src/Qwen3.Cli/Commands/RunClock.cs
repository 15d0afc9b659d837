namespace Qwen3.Cli.Commands;

/// <summary>How long a question took, from the command's start.</summary>
internal sealed class RunClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public TimeSpan LoadTime { get; private set; }

    /// <summary>From when the model was there to the first piece of its answer.</summary>
    public TimeSpan FirstTokenTime { get; private set; }

    public TimeSpan Total => timeProvider.GetElapsedTime(_start);

    public void Loaded() => LoadTime = Total;

    public void Updated()
    {
        if (FirstTokenTime == default)
        {
            FirstTokenTime = Total - LoadTime;
        }
    }
}
