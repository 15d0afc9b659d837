using Qwen3.LlamaCpp.Execution;

namespace Qwen3.LlamaCpp.Tests.Execution;

public sealed class CpuGateTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Who_asks_first_is_first_and_alone()
    {
        var turn = new CpuGate(processors: 2);
        var order = new List<int>();
        int inside = 0;
        Assert.True(turn.Take(threads: 2));
        var threads = new List<Thread>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            threads.Add(Waiting(() =>
            {
                // More than there are processors for is alone, too.
                turn.Take(threads: 2 + number);
                Assert.Equal(1, Interlocked.Increment(ref inside));
                order.Add(number);
                Interlocked.Decrement(ref inside);
                turn.Pass(threads: 2 + number);
            }));
        }

        Assert.True(turn.IsShared(threads: 0));
        turn.Pass(threads: 2);
        threads.ForEach(thread => thread.Join());
        Assert.False(turn.IsShared(threads: 0));
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public void Threads_that_have_a_processor_each_need_no_turn()
    {
        var turn = new CpuGate(processors: 4);
        Assert.False(turn.IsShared(threads: 4));
        turn.Take(threads: 1);
        turn.Take(threads: 2);
        Assert.Equal((false, true), (turn.IsShared(threads: 1), turn.IsShared(threads: 2)));
        Thread large = Waiting(() => turn.Take(threads: 3)), small = Waiting(() => turn.Take(threads: 1));
        Assert.True(turn.IsShared(threads: 1));

        // The small one waits too, for the large one would never get its turn otherwise.
        turn.Pass(threads: 2);
        large.Join();
        Assert.True(small.IsAlive);
        turn.Pass(threads: 1);
        small.Join();
    }

    [Fact]
    public void Who_stops_waits_no_longer_and_is_passed_over()
    {
        var turn = new CpuGate(processors: 1);
        using var stopping = new CancellationTokenSource();
        turn.Take(threads: 1);
        bool isGiven = true, isNextGiven = false;
        Thread stopped = Waiting(() => isGiven = turn.Take(threads: 1, stopping.Token));
        Thread next = Waiting(() => isNextGiven = turn.Take(threads: 1));
        stopping.Cancel();
        stopped.Join();
        Assert.False(isGiven);
        Assert.False(turn.Take(threads: 1, stopping.Token));
        turn.Pass(threads: 1);
        next.Join();
        Assert.True(isNextGiven);
    }

    [Fact]
    public async Task An_engine_that_waits_for_others_is_disposed_without_them()
    {
        CpuGate.Shared.Take(threads: Environment.ProcessorCount);
        try
        {
            var engine = new InferenceEngine(fixture.Model, new() { ContextSize = 512, Threads = 1 });
            Generation generation = engine.Generate(new() { Prompt = [1000, 1001, 1002] });
            SpinWait.SpinUntil(() => CpuGate.Shared.IsShared(threads: 0));
            await engine.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await generation.GetAsyncEnumerator().MoveNextAsync());
        }
        finally
        {
            CpuGate.Shared.Pass(threads: Environment.ProcessorCount);
        }
    }

    [Fact]
    public async Task Engines_that_compute_at_the_same_time_answer_as_each_does_alone()
    {
        async Task<List<int>> AnswerAsync(InferenceEngine engine)
        {
            var tokens = new List<int>();
            await foreach (int token in engine.Generate(new() { Prompt = [1000, 1001, 1002], Sampling = new() { Temperature = 0 }, MaxTokens = 60 }))
            {
                tokens.Add(token);
            }

            return tokens;
        }

        InferenceEngine[] engines = [.. Enumerable.Range(0, 4).Select(_ => new InferenceEngine(fixture.Model, new() { ContextSize = 512 }))];
        List<int> alone = await AnswerAsync(engines[0]);
        List<int>[] together = await Task.WhenAll(engines.Select(AnswerAsync));
        Assert.All(together, answer => Assert.Equal(alone, answer));
        Array.ForEach(engines, engine => engine.Dispose());
    }

    /// <summary>Starts a thread that waits before it ends.</summary>
    private static Thread Waiting(Action act)
    {
        var thread = new Thread(() => act());
        thread.Start();
        SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        return thread;
    }
}
