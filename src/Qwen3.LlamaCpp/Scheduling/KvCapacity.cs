namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>Counts KV cells: which requests fit beside each other, and which one to preempt.</summary>
/// <param name="cells">The number of cells in the cache.</param>
/// <remarks>Tokens that a request shares with the computed beginning of an older one take no cells of their own.</remarks>
internal sealed class KvCapacity(int cells)
{
    /// <summary>Returns whether a request fits beside the ones that are computed, if everything that is only cached is evicted.</summary>
    public bool Fits(ScheduledRequest request, IReadOnlyList<ScheduledRequest> requests)
    {
        int used = 0;
        foreach (ScheduledRequest other in requests)
        {
            if (other.Sequence is not null)
            {
                used += OwnLength(other, requests, upTo: other);
            }
        }

        return used + OwnLength(request, requests, upTo: null) <= cells;
    }

    /// <summary>Returns the oldest request that does not fit beside the ones before it, or else the youngest.</summary>
    /// <exception cref="InvalidOperationException">No request is computed.</exception>
    public ScheduledRequest FindPreemptionVictim(IReadOnlyList<ScheduledRequest> requests)
    {
        int used = 0;
        ScheduledRequest? last = null;
        foreach (ScheduledRequest request in requests)
        {
            if (request.Sequence is null)
            {
                continue;
            }

            used += OwnLength(request, requests, upTo: request);
            if (last is not null && used > cells)
            {
                return request;
            }

            last = request;
        }

        return last ?? throw new InvalidOperationException("No request is computed that could be preempted.");
    }

    /// <summary>Counts the tokens of a request that none of the computed ones, up to a given one, has.</summary>
    private static int OwnLength(ScheduledRequest request, IReadOnlyList<ScheduledRequest> requests, ScheduledRequest? upTo)
    {
        int shared = 0;
        foreach (ScheduledRequest other in requests)
        {
            if (other == upTo)
            {
                break;
            }

            if (other != request && other.Sequence is { } sequence)
            {
                shared = Math.Max(shared, other.Tokens[..sequence.Length].CommonPrefixLength(request.Tokens));
            }
        }

        return request.Tokens.Length - shared;
    }
}
