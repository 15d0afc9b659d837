namespace Qwen3.LlamaCpp.Execution;

/// <summary>
/// Lets engines that compute on the CPU do so step by step, in the order in which they ask, as many at a time as there are processors for their threads.
/// llama.cpp's threads wait for one another without letting go of their processors: two engines with a thread for each processor keep each other
/// from it, and both together are tens of times slower than one.
/// </summary>
/// <param name="processors">How many threads have a processor of their own.</param>
/// <remarks>Safe for concurrent use. It is taken by the engines' own threads, never by a caller's.</remarks>
internal sealed class CpuGate(int processors)
{
    private readonly object _lock = new();

    // How many threads each wants, in the order in which they asked.
    private readonly LinkedList<int> _waiting = [];
    private int _computing;

    /// <summary>The turn of this process, whose processors all its engines share.</summary>
    public static CpuGate Shared { get; } = new(Environment.ProcessorCount);

    /// <summary>Whether those who compute or wait to, and one more with so many threads, have to take turns.</summary>
    public bool IsShared(int threads)
    {
        lock (_lock)
        {
            int others = _computing + _waiting.Sum();
            return others > 0 && others + threads > processors;
        }
    }

    /// <summary>Waits for the turn.</summary>
    /// <param name="threads">How many threads compute; if they are more than there are processors, they do so alone.</param>
    /// <param name="stopping">Ends the waiting.</param>
    /// <returns>Whether it was given; if so, <see cref="Pass"/> has to follow.</returns>
    public bool Take(int threads, CancellationToken stopping = default)
    {
        lock (_lock)
        {
            LinkedListNode<int> own = _waiting.AddLast(threads);
            CancellationTokenRegistration registration = stopping.UnsafeRegister(static turn => ((CpuGate)turn!).Wake(), this);
            while (!stopping.IsCancellationRequested && (own.Previous is not null || (_computing > 0 && _computing + threads > processors)))
            {
                Monitor.Wait(_lock);
            }

            registration.Unregister();
            _waiting.Remove(own);
            bool isGiven = !stopping.IsCancellationRequested;
            _computing += isGiven ? threads : 0;
            // There may be processors for the next one, too.
            Monitor.PulseAll(_lock);
            return isGiven;
        }
    }

    /// <summary>Gives the processors to those who wait longest.</summary>
    /// <param name="threads">As many as were taken.</param>
    public void Pass(int threads)
    {
        lock (_lock)
        {
            _computing -= threads;
            Monitor.PulseAll(_lock);
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
