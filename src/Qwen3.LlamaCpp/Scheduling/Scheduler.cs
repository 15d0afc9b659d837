using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>Decides what each step computes: which requests start, how long prefill chunks are, and who is preempted when cells run out.</summary>
/// <param name="cache">The KV cache's bookkeeping.</param>
/// <param name="cells">The number of KV cells.</param>
/// <param name="batchSize">The most tokens of a step.</param>
/// <param name="maxParallel">The most requests that are computed at the same time.</param>
/// <remarks>It calls nothing native and is not safe for concurrent use: the engine's thread owns it.</remarks>
internal sealed class Scheduler(PrefixCache cache, int cells, int batchSize, int maxParallel)
{
    // A prompt waits for another one to compute what they share if that is at least this much.
    private const int MinSharedTokens = 64;

    private readonly KvCapacity _capacity = new(cells);
    private readonly StepBudget _budget = new();
    private readonly ScheduledStep _step = new();

    // In order of arrival.
    private readonly List<ScheduledRequest> _requests = [];
    private long _finished;

    /// <summary>Gets the admitted requests in order of arrival.</summary>
    public IReadOnlyList<ScheduledRequest> Requests => _requests;

    /// <summary>Gets a value indicating whether one more request may be admitted.</summary>
    public bool CanAdmit => _requests.Count < maxParallel;

    /// <summary>Admits a request. It starts in one of the next steps.</summary>
    public void Admit(ScheduledRequest request) => _requests.Add(request);

    /// <summary>Plans a step: the next token of each answer and, in the room that is left, equal chunks of the prompts.</summary>
    /// <param name="isCpuShared">Whether another engine waits for the processors, so that the step must be short.</param>
    public ScheduledStep Plan(bool isCpuShared = false)
    {
        if (_requests.Exists(request => request.Sequence is null))
        {
            // A request is about to start: now, and not at each token.
            RecordAll();
        }

        _step.Clear();
        int prompts = 0;
        foreach (ScheduledRequest request in _requests)
        {
            if (request.Sequence is null && MayStart(request))
            {
                Start(request);
            }

            if (request.Sequence is null)
            {
                continue;
            }

            if (request.Pending.Length == 1)
            {
                _step.Add(request, 1);
            }
            else
            {
                prompts++;
            }
        }

        bool isAnswering = _requests.Exists(request => request is { Sequence: not null, Generated: > 0 });
        int room = _budget.PrefillTokens(
            batchSize - _step.TokenCount,
            prompts,
            isAlone: _step.TokenCount + prompts <= 1 && !isCpuShared,
            mustBeShort: isAnswering || isCpuShared);
        foreach (ScheduledRequest request in _requests)
        {
            if (request.Sequence is not null && request.StepLength == 0 && room > 0)
            {
                // A prompt that needs less than an equal share leaves the rest to the others.
                int length = Math.Min(request.Pending.Length, Math.Max(1, room / prompts));
                _step.Add(request, length);
                room -= length;
                prompts--;
            }
        }

        return _step;
    }

    /// <summary>Records that the planned step was computed. Its outputs are still to be sampled.</summary>
    public void Complete(TimeSpan elapsed)
    {
        _budget.Record(_step.TokenCount, elapsed);
        foreach (ScheduledRequest request in _step.Requests)
        {
            request.Sequence!.Length += request.StepLength;
        }
    }

    /// <summary>Takes back what a failed or aborted step may have left in the cache.</summary>
    public void Rollback()
    {
        foreach (ScheduledRequest request in _step.Requests)
        {
            cache.Rollback(request.Sequence!);
        }
    }

    /// <summary>Frees cells for the planned step: evicts what is only cached, or else preempts a request until others have finished.</summary>
    /// <param name="preempted">The preempted request; if it is the only one that is computed, it was left as it is and cannot continue.</param>
    /// <returns>Whether the engine can go on.</returns>
    public bool TryFreeCells(out ScheduledRequest? preempted)
    {
        preempted = null;
        if (cache.Evict(_step.TokenCount))
        {
            return true;
        }

        preempted = _capacity.FindPreemptionVictim(_requests);
        if (_requests.Count(request => request.Sequence is not null) == 1)
        {
            return false;
        }

        cache.Drop(preempted.Sequence!);
        preempted.Sequence = null;
        preempted.PreemptedAt = _finished;
        return true;
    }

    /// <summary>Removes a request that is done or cancelled, and keeps what it computed in the cache.</summary>
    public void Finish(ScheduledRequest request)
    {
        Remove(request);
        if (request.Sequence is { Length: > 0 } sequence)
        {
            cache.Keep(sequence, request.Tokens);
        }
        else if (request.Sequence is not null)
        {
            cache.Drop(request.Sequence);
        }
    }

    /// <summary>Removes a request that failed, and what it computed.</summary>
    public void Abandon(ScheduledRequest request)
    {
        Remove(request);
        if (request.Sequence is not null)
        {
            cache.Drop(request.Sequence);
        }
    }

    /// <summary>Makes what requests have computed findable for others.</summary>
    public void RecordAll()
    {
        foreach (ScheduledRequest request in _requests)
        {
            if (request.Sequence is not null)
            {
                cache.Record(request.Sequence, request.Tokens);
            }
        }
    }

    private void Remove(ScheduledRequest request)
    {
        _requests.Remove(request);
        _step.Remove(request);
        _finished++;
    }

    /// <summary>Returns whether a request need not wait: for the requests that it was preempted for, or for a prompt that it shares much with.</summary>
    private bool MayStart(ScheduledRequest request)
    {
        request.WaitsForCells = _requests.Exists(other => other.Sequence is not null) &&
            (request.PreemptedAt == _finished || !_capacity.Fits(request, _requests));
        if (request.WaitsForCells)
        {
            return false;
        }

        int cached = -1;
        foreach (ScheduledRequest other in _requests)
        {
            if (other == request)
            {
                break;
            }

            if (other.Sequence is null && other.WaitsForCells)
            {
                // A younger request does not take the cells that an older one waits for.
                return false;
            }

            if (other.Sequence is { } sequence && other.Pending.Length > 1)
            {
                int shared = other.Tokens.CommonPrefixLength(request.Tokens);
                cached = cached < 0 ? cache.Match(request.Tokens) : cached;
                if (shared > sequence.Length && shared - cached >= MinSharedTokens)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Start(ScheduledRequest request)
    {
        // The last token is always computed: its logits are needed.
        request.Sequence = cache.Start(request.Tokens[..^1]);
        request.PreemptedAt = -1;
        if (request.CachedTokens < 0)
        {
            request.CachedTokens = request.Sequence.Length;
        }
    }
}
