namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>
/// Lets engines that compute on the CPU do so one after the other, step by step, in the order in which they ask. llama.cpp's threads wait for one
/// another without letting go of their processors: two engines with a thread for each processor keep each other from it, and both together
/// are tens of times slower than one.
/// </summary>
/// <remarks>Safe for concurrent use. It is taken by the engines' own threads, never by a caller's.</remarks>
internal sealed class ProcessorTurn
{
    private readonly object _lock = new();
    private long _next;
    private long _current;

    /// <summary>The turn of this process, whose processors all its engines share.</summary>
    public static ProcessorTurn Shared { get; } = new();

    /// <summary>Whether somebody has the turn, or waits for it.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_lock)
            {
                return _next != _current;
            }
        }
    }

    /// <summary>Waits for the turn. <see cref="Pass"/> has to follow.</summary>
    public void Take()
    {
        lock (_lock)
        {
            long own = _next++;
            while (own != _current)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Gives the turn to who waits for it longest.</summary>
    public void Pass()
    {
        lock (_lock)
        {
            _current++;
            Monitor.PulseAll(_lock);
        }
    }
}
