using Qwen3.LlamaCpp.KvCache;
using Qwen3.LlamaCpp.Scheduling;
using Qwen3.LlamaCpp.Tests.KvCache;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

/// <summary>The scheduler over a cache in plain C#: no model, no native call.</summary>
public sealed class SchedulerTests
{
    private const int BatchSize = 64;

    [Fact]
    public void Requests_are_computed_in_parallel_up_to_the_limit_and_the_others_wait()
    {
        var engine = new Engine(cells: 1000, maxParallel: 2);
        engine.Scheduler.Admit(Ask(0, 10));
        Assert.True(engine.Scheduler.CanAdmit);
        engine.Scheduler.Admit(Ask(100, 10));
        Assert.False(engine.Scheduler.CanAdmit);
        Assert.Equal([10, 10], engine.Step());
        engine.Scheduler.Finish(engine.Scheduler.Requests[0]);
        Assert.True(engine.Scheduler.CanAdmit);
    }

    [Fact]
    public void A_long_prompt_does_not_hold_up_a_running_answer()
    {
        // The speed that the scheduler assumes before it has measured one: 16 tokens in a step of 200 ms.
        var engine = new Engine(cells: 1000) { TokensPerSecond = 80 };
        ScheduledRequest answer = engine.Admit(Ask(0, 10));
        engine.Step();
        ScheduledRequest prompt = engine.Admit(Ask(100, 400));
        int steps = 0;
        while (prompt.Generated == 0)
        {
            int before = answer.Generated;
            int[] lengths = engine.Step();
            Assert.Equal(before + 1, answer.Generated);
            Assert.InRange(lengths.Sum(), 2, 1 + StepBudget.MinChunk);
            steps++;
        }

        Assert.Equal(400 / StepBudget.MinChunk, steps);
    }

    [Fact]
    public void Prompts_share_a_step_equally_and_leave_what_they_do_not_need()
    {
        var engine = new Engine(cells: 2000);
        engine.Admit(Ask(0, 5));
        engine.Admit(Ask(1000, 300));
        engine.Admit(Ask(3000, 300));
        Assert.Equal([5, 29, 30], engine.Step());
    }

    [Fact]
    public void A_prompt_alone_takes_the_whole_batch_and_a_short_step_where_others_wait_for_the_processors()
    {
        var engine = new Engine(cells: 1000);
        engine.Admit(Ask(0, 200));
        Assert.Equal([64], engine.Step(TimeSpan.FromSeconds(0.8)));
        Assert.Equal([16], engine.Step(TimeSpan.FromSeconds(0.2), isCpuShared: true));
    }

    [Fact]
    public void A_request_waits_for_the_prefix_that_another_one_computes_and_then_shares_it()
    {
        var engine = new Engine(cells: 1000);
        int[] prefix = [.. Enumerable.Range(0, 150)];
        engine.Admit(new([.. prefix, 1, 2, 3]));
        ScheduledRequest second = engine.Admit(new([.. prefix, 7, 8]));
        engine.StepUntil(() => second.Sequence is not null);
        // The last few tokens of the prefix are not worth waiting for.
        Assert.Equal(128, second.CachedTokens);
        engine.StepUntil(() => second.Generated > 0);
        Assert.InRange(engine.Cells.Used, 150, 190);
    }

    [Fact]
    public void The_youngest_is_preempted_when_cells_run_out_and_continues_when_another_has_finished()
    {
        var engine = new Engine(cells: 100);
        ScheduledRequest first = engine.Admit(Ask(0, 40)), second = engine.Admit(Ask(1000, 40));
        engine.StepUntil(() => engine.Preempted.Count > 0);
        Assert.Same(second, engine.Preempted.Single());
        Assert.Null(second.Sequence);
        int[] kept = second.Tokens.ToArray();
        int generated = first.Generated;
        engine.Step();
        Assert.Equal(generated + 1, first.Generated);
        Assert.Null(second.Sequence);

        engine.Scheduler.Finish(first);
        engine.StepUntil(() => second.Tokens.Length > kept.Length);
        Assert.Equal(kept, second.Tokens[..kept.Length].ToArray());
    }

    [Fact]
    public void A_younger_request_does_not_take_the_cells_that_an_older_one_waits_for()
    {
        var engine = new Engine(cells: 100);
        ScheduledRequest running = engine.Admit(Ask(0, 60));
        ScheduledRequest large = engine.Admit(Ask(1000, 90)), small = engine.Admit(Ask(5000, 5));
        engine.Step();
        Assert.NotNull(running.Sequence);
        Assert.Null(large.Sequence);
        Assert.Null(small.Sequence);
        engine.Scheduler.Finish(running);
        engine.StepUntil(() => small.Sequence is not null || large.Generated > 0);
        Assert.NotNull(large.Sequence);
    }

    [Fact]
    public void A_request_that_does_not_fit_alone_is_reported_and_left_as_it_is()
    {
        var engine = new Engine(cells: 20);
        ScheduledRequest request = engine.Admit(Ask(0, 30));
        Assert.Empty(engine.Step());
        Assert.Same(request, engine.Stuck);
        engine.Scheduler.Abandon(request);
        Assert.Empty(engine.Scheduler.Requests);
        Assert.Equal(0, engine.Cells.Used);
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("prefilling")]
    [InlineData("answering")]
    [InlineData("preempted")]
    public void Cancelling_a_request_in_any_state_leaves_the_others_unchanged(string state)
    {
        var engine = new Engine(cells: state == "preempted" ? 100 : 1000);
        ScheduledRequest other = engine.Admit(Ask(0, 40));
        ScheduledRequest cancelled = engine.Admit(Ask(1000, state == "prefilling" ? 300 : 40));
        switch (state)
        {
            case "prefilling":
                engine.StepUntil(() => cancelled.Sequence is { Length: > 0 });
                break;
            case "answering":
                engine.StepUntil(() => cancelled.Generated > 2);
                break;
            case "preempted":
                engine.StepUntil(() => engine.Preempted.Count > 0);
                break;
        }

        int generated = other.Generated;
        engine.Scheduler.Finish(cancelled);
        engine.StepUntil(() => other.Generated > generated + 5);
        Assert.Equal([other], engine.Scheduler.Requests);
    }

    [Fact]
    public void An_aborted_step_leaves_nothing_behind()
    {
        var engine = new Engine(cells: 1000);
        ScheduledRequest request = engine.Admit(Ask(0, 100));
        ScheduledStep step = engine.Scheduler.Plan();
        Assert.True(engine.Cells.Compute(step));
        engine.Scheduler.Rollback();
        Assert.Equal((0, 0), (engine.Cells.Used, request.Sequence!.Length));
        engine.StepUntil(() => request.Generated > 0);
    }

    [Fact]
    public void Random_requests_are_all_answered_within_the_cells_and_the_batch()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            int cells = random.Next(60, 400);
            var engine = new Engine(cells, random.Next(1, 6));
            var waiting = new Queue<(ScheduledRequest Request, int Answer)>(Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
            {
                int answer = random.Next(1, 20);
                int shared = random.Next(0, 3) * 70, length = Math.Clamp(random.Next(1, 200), 1, cells - answer - 1);
                int[] prompt = [.. Enumerable.Range(0, length).Select(i => i < shared ? i : random.Next(1000, 1005))];
                return (new ScheduledRequest(prompt), answer);
            }));
            var answers = new Dictionary<ScheduledRequest, int>();
            for (int step = 0; answers.Count > 0 || waiting.Count > 0; step++)
            {
                Assert.True(step < 20_000, $"seed {seed}, round {round}: no end");
                while (waiting.Count > 0 && engine.Scheduler.CanAdmit)
                {
                    (ScheduledRequest request, int answer) = waiting.Dequeue();
                    answers[engine.Admit(request)] = answer;
                }

                engine.Step(TimeSpan.FromMilliseconds(random.Next(1, 300)), isCpuShared: random.Next(4) == 0);
                Assert.True(engine.Stuck is null, $"seed {seed}, round {round}: a request is stuck");
                foreach (ScheduledRequest done in answers.Where(entry => entry.Key.Generated >= entry.Value || random.Next(200) == 0).Select(entry => entry.Key).ToArray())
                {
                    engine.Scheduler.Finish(done);
                    answers.Remove(done);
                }
            }
        }
    }

    private static ScheduledRequest Ask(int firstToken, int length) => new([.. Enumerable.Range(firstToken, length)]);

    /// <summary>Computes steps as an engine does; every answer's next token is its length.</summary>
    private sealed class Engine
    {
        private int _token = 100_000;

        public Engine(int cells, int maxParallel = 4)
        {
            Cells = new(cells);
            Scheduler = new(new PrefixCache(Cells), cells, BatchSize, maxParallel);
        }

        public CellModel Cells { get; }

        public Scheduler Scheduler { get; }

        public double TokensPerSecond { get; init; }

        public List<ScheduledRequest> Preempted { get; } = [];

        public ScheduledRequest? Stuck { get; private set; }

        public ScheduledRequest Admit(ScheduledRequest request)
        {
            Scheduler.Admit(request);
            return request;
        }

        public int[] Step(TimeSpan elapsed = default, bool isCpuShared = false)
        {
            ScheduledStep step = Scheduler.Plan(isCpuShared);
            Assert.InRange(step.TokenCount, Scheduler.Requests.Count > 0 ? 1 : 0, BatchSize);
            if (!Cells.Compute(step))
            {
                Scheduler.Rollback();
                if (!Scheduler.TryFreeCells(out ScheduledRequest? preempted))
                {
                    Stuck = preempted;
                }
                else if (preempted is not null)
                {
                    Preempted.Add(preempted);
                }

                return [];
            }

            int[] lengths = [.. step.Requests.Select(request => request.StepLength)];
            ScheduledRequest[] outputs = [.. step.Requests.Where(request => request.StepLength == request.Pending.Length)];
            Scheduler.Complete(TokensPerSecond > 0 ? TimeSpan.FromSeconds(step.TokenCount / TokensPerSecond) : elapsed);
            foreach (ScheduledRequest request in outputs)
            {
                request.Add(_token++);
            }

            return lengths;
        }

        public void StepUntil(Func<bool> isReached)
        {
            for (int step = 0; !isReached(); step++)
            {
                Assert.True(step < 1000, "The state was not reached in 1,000 steps.");
                Step();
            }
        }
    }
}
