using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class ProcessorTurnTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Who_asks_first_is_first_and_alone()
    {
        var turn = new ProcessorTurn();
        Assert.False(turn.IsTaken);
        var order = new List<int>();
        int inside = 0;
        turn.Take();
        var threads = new List<Thread>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            var thread = new Thread(() =>
            {
                turn.Take();
                Assert.Equal(1, Interlocked.Increment(ref inside));
                order.Add(number);
                Interlocked.Decrement(ref inside);
                turn.Pass();
            });
            thread.Start();
            threads.Add(thread);
            // It waits before the next one comes.
            SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        }

        Assert.True(turn.IsTaken);
        turn.Pass();
        threads.ForEach(thread => thread.Join());
        Assert.False(turn.IsTaken);
        Assert.Equal([0, 1, 2, 3, 4], order);
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
}
