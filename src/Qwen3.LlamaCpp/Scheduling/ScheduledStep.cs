namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>What one step computes: of each of its requests the first <see cref="ScheduledRequest.StepLength"/> pending tokens.</summary>
/// <remarks>The scheduler reuses one instance for all steps.</remarks>
internal sealed class ScheduledStep
{
    private readonly List<ScheduledRequest> _requests = [];

    /// <summary>Gets the requests in the order of their tokens in the batch.</summary>
    public IReadOnlyList<ScheduledRequest> Requests => _requests;

    /// <summary>Gets the number of tokens.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Starts a new step.</summary>
    public void Clear()
    {
        foreach (ScheduledRequest request in _requests)
        {
            request.StepLength = 0;
        }

        _requests.Clear();
        TokenCount = 0;
    }

    /// <summary>Adds pending tokens of a request.</summary>
    public void Add(ScheduledRequest request, int tokens)
    {
        request.StepLength = tokens;
        _requests.Add(request);
        TokenCount += tokens;
    }

    /// <summary>Removes a request that has ended.</summary>
    public void Remove(ScheduledRequest request)
    {
        if (_requests.Remove(request))
        {
            request.StepLength = 0;
        }
    }
}
