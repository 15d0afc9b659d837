namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>Counts the requests that wait to be admitted.</summary>
/// <param name="places">The most that may wait.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class RequestQueue(int places)
{
    private int _count;

    /// <summary>Gets the number of waiting requests.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place; returns <see langword="false"/> if there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= places)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);
}
