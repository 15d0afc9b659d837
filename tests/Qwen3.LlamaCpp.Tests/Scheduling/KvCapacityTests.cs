using Qwen3.LlamaCpp.KvCache;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class KvCapacityTests
{
    [Fact]
    public void Requests_fit_as_long_as_their_tokens_do()
    {
        ScheduledRequest first = Computed(1, Enumerable.Range(0, 60)), second = new([.. Enumerable.Range(1000, 40)]);
        Assert.True(new KvCapacity(100).Fits(second, [first, second]));
        Assert.False(new KvCapacity(99).Fits(second, [first, second]));
    }

    [Fact]
    public void A_shared_beginning_counts_once()
    {
        ScheduledRequest first = Computed(1, Enumerable.Range(0, 60)), second = new([.. Enumerable.Range(0, 50), 1, 2]);
        Assert.True(new KvCapacity(62).Fits(second, [first, second]));
        Assert.False(new KvCapacity(61).Fits(second, [first, second]));
    }

    [Fact]
    public void The_youngest_is_preempted_unless_an_older_one_does_not_fit()
    {
        ScheduledRequest[] requests =
            [Computed(1, Enumerable.Range(0, 50)), Computed(2, Enumerable.Range(100, 30)), Computed(3, Enumerable.Range(200, 10))];
        Assert.Same(requests[2], new KvCapacity(200).FindPreemptionVictim(requests));
        Assert.Same(requests[1], new KvCapacity(70).FindPreemptionVictim(requests));
        requests[2].Sequence = null;
        Assert.Same(requests[1], new KvCapacity(200).FindPreemptionVictim(requests));
    }

    private static ScheduledRequest Computed(int id, IEnumerable<int> tokens)
    {
        var request = new ScheduledRequest([.. tokens]);
        request.Sequence = new CachedSequence(id) { Length = request.Tokens.Length };
        return request;
    }
}
