using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.LlamaCpp.Tests.KvCache;

public sealed class PrefixCacheTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(100, 600)];
    private readonly CellModel _cells = new(1000);
    private readonly PrefixCache _cache;

    public PrefixCacheTests() => _cache = new(_cells);

    [Fact]
    public void A_conversation_continues_in_the_cells_that_it_has()
    {
        Keep(s_tokens[..200]);
        CachedSequence next = _cache.Start(s_tokens[..300]);
        Assert.Equal((200, 200), (next.Length, _cells.Used));
    }

    [Fact]
    public void A_second_conversation_shares_the_cells_of_the_common_beginning()
    {
        Keep(s_tokens[..200]);
        CachedSequence other = _cache.Start([.. s_tokens[..150], 1, 2, 3]);
        Assert.Equal((150, 200), (other.Length, _cells.Used));
        Assert.Equal(s_tokens[..150], _cells.TokensOf(other.Id));
        _cache.Drop(other);
        Assert.Equal(200, _cache.Match(s_tokens));
    }

    [Fact]
    public void The_least_recently_used_sequence_is_evicted_from_its_end()
    {
        Keep(s_tokens[..400]);
        int[] other = [.. s_tokens[..100], .. Enumerable.Range(5000, 300)];
        Keep(other);
        // Used again: the other one is the oldest now.
        Keep([.. s_tokens[..400], 1]);
        Assert.True(_cache.Evict(256));
        Assert.Equal((144, 400), (_cache.Match(other), _cache.Match(s_tokens)));
        while (_cache.Evict(256))
        {
        }

        Assert.Equal((0, 0), (_cells.Used, _cache.Match(s_tokens)));
    }

    [Fact]
    public void A_saved_sequence_is_found_after_it_is_loaded()
    {
        string path = Path.GetTempFileName();
        try
        {
            Keep(s_tokens[..200]);
            Assert.Equal(200, _cache.Save(path, s_tokens));
            var cells = new CellModel(300);
            var restarted = new PrefixCache(cells);
            Assert.Equal(200, restarted.Load(path, new int[300], _ => { }));
            Assert.Equal(200, restarted.Match(s_tokens));

            // Loading evicts what is only cached, and gives up where nothing is left to evict.
            var small = new PrefixCache(new CellModel(150));
            Assert.Equal(0, small.Load(path, new int[300], _ => { }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void Keep(int[] tokens)
    {
        CachedSequence sequence = _cache.Start(tokens);
        var request = new Qwen3.LlamaCpp.Scheduling.ScheduledRequest(tokens) { Sequence = sequence };
        var step = new Qwen3.LlamaCpp.Scheduling.ScheduledStep();
        step.Add(request, request.Pending.Length);
        Assert.True(_cells.Compute(step));
        sequence.Length = tokens.Length;
        _cache.Keep(sequence, tokens);
    }
}
