using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Qwen3.Agents.Tests;

/// <summary>A run that is resumed tells how far it is, and one that had ended what came of it.</summary>
public sealed class ResumedTests(AgentModels models)
{
    private const string Answer = "It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.";

    private readonly NanoFunctions _functions = new();

    [Fact]
    public async Task What_had_ended_has_its_result_again_without_a_model_or_a_function()
    {
        var store = new MemoryStore();
        Qwen3WorkflowResult result = await RunAsync(store);
        _functions.Calls.Clear();

        using Qwen3Workflow workflow = Create(store, nobody: true);
        await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await run.WatchAsync();
        Assert.Equivalent(result, events.Result());
        Assert.Equal(["resumed 1 Done, 2 Done, 3 Done", $"answer {result.Answer}"], events.Describe());
        Assert.Equal(Goals.TwoThenSendPlan, $"plan {events.OfType<ResumedEvent>().Single().Plan.ToJson()}");
        Assert.Empty(_functions.Calls);

        // That it was told again is no end to it.
        await using StreamingRun again = await workflow.ResumeStreamingAsync("session");
        Assert.Equal(result.Answer, (await again.WatchAsync()).Result().Answer);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_was_stopped_has_its_result_again_and_a_call_that_nobody_decided_on_does_not_keep_it()
    {
        var store = new MemoryStore();
        var clock = new FakeTimeProvider();
        var isAsked = new TaskCompletionSource();
        _functions.WhenWeather = async (_, cancellationToken) =>
        {
            await isAsked.Task;
            clock.Advance(TimeSpan.FromMinutes(5));
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        List<WorkflowEvent> events = [];
        string plan = new Plan("", [new(1, "Send a summary to Anna", []), new(2, "Get the weather in Paris", [])]).ToJson();
        using (Qwen3Workflow workflow = NanoWorkflow.Create(new SaidFirst(models.Thinking, plan), models.Instruct, _functions, options =>
        {
            options.Tools = [_functions.Weather, new ApprovalRequiredAIFunction(_functions.Send)];
            options.TimeProvider = clock;
            options.Limits.MaxTime = TimeSpan.FromMinutes(5);
            options.Checkpoints = WorkflowCheckpoints.In(store);
        }))
        {
            await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session");
            await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
            {
                events.Add(happened);
                if (happened is ApprovalRequestedEvent)
                {
                    isAsked.SetResult();
                }
            }
        }

        Qwen3WorkflowResult result = events.Result();
        Assert.Equal((StopReason.Time, StepStatus.AwaitingApproval), (result.StopReason, result.Steps[0].Status));
        using Qwen3Workflow later = Create(store, nobody: true);
        await using StreamingRun resumed = await later.ResumeStreamingAsync("session");
        events = await resumed.WatchStreamAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equivalent(result, events.Result());
        Assert.Equal("stopped Time", events.Describe().Last());
    }

    [Fact]
    public async Task From_every_checkpoint_it_tells_first_how_far_it_is_and_comes_to_its_result()
    {
        var store = new MemoryStore();
        await RunAsync(store);
        Assert.True(store.Count > 12);
        // The last ones one by one, for there the answer is there already.
        foreach (int count in Enumerable.Range(1, store.Count).Where(count => count % 4 == 1 || count > store.Count - 3))
        {
            using Qwen3Workflow workflow = Create(store.First(count));
            await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
            List<WorkflowEvent> events = await run.WatchAsync();
            Assert.Equal(Goals.TwoThenSend, Assert.IsType<ResumedEvent>(events.First(happened => happened is Qwen3WorkflowEvent)).Plan.Goal);
            Assert.Single(events.OfType<ResumedEvent>());
            Assert.StartsWith(Answer, events.Result().Answer);
            Assert.All(
                events.OfType<ResumedEvent>().Single().Steps.Where(step => step.Status == StepStatus.Done),
                done => Assert.DoesNotContain(events.OfType<StepStartedEvent>(), started => started.Step.Id == done.Step.Id));
        }
    }

    [Fact]
    public async Task An_answer_that_was_cut_off_is_no_result_in_another_process_either()
    {
        var store = new MemoryStore();
        int cut = 0;
        var half = new ChatResponseUpdate(ChatRole.Assistant, "It is su") { FinishReason = ChatFinishReason.Length };
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) => cut++ == 0
                ? new[] { half }.ToAsyncEnumerable()
                : next.GetStreamingResponseAsync(messages, options, cancellationToken)).Build();
        using (Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options =>
        {
            options.Limits.MaxParallelSteps = 1;
            options.Checkpoints = WorkflowCheckpoints.In(store);
        }))
        {
            await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session");
            Assert.StartsWith("The model's answer is cut off", (await run.WatchAsync()).OfType<StepFailedEvent>().Single().Error);
        }

        foreach (int count in Enumerable.Range(1, 5))
        {
            using Qwen3Workflow workflow = Create(store.First(count));
            await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
            Assert.Equal("It is sunny in Paris with 21 degrees.", (await run.WatchAsync()).Result().Steps[0].Result);
        }
    }

    [Fact]
    public async Task A_call_that_waits_for_a_person_is_told_with_what_is_done()
    {
        var store = new MemoryStore();
        using (Qwen3Workflow workflow = Create(store, Asking))
        {
            List<WorkflowEvent> before = await WatchWithoutAnswersAsync(await workflow.RunStreamingAsync(Goals.TwoThenSend, "session"));
            ApprovalRequestedEvent asked = Assert.Single(before.OfType<ApprovalRequestedEvent>());
            Assert.Equal((3, "Mail_SendMessage"), (asked.StepId, Assert.IsType<FunctionCallContent>(asked.Request.ToolCall).Name));
            Assert.True(before.OfType<RequestInfoEvent>().Single().Request.TryGetDataAs(out ToolApprovalRequestContent? request));
            Assert.Equal(asked.Request.RequestId, request.RequestId);
            Assert.True(before.IndexOf(asked) < before.FindIndex(happened => happened is RequestInfoEvent));
        }

        using Qwen3Workflow later = Create(store, Asking);
        List<WorkflowEvent> events = await WatchWithoutAnswersAsync(await later.ResumeStreamingAsync("session"));
        ResumedEvent resumed = Assert.Single(events.OfType<ResumedEvent>());
        Assert.Equal([StepStatus.Done, StepStatus.Done, StepStatus.AwaitingApproval], resumed.Steps.Select(step => step.Status));
        Assert.Equal("It is sunny in Paris with 21 degrees.", resumed.Steps[0].Result);
        Assert.Single(events.OfType<RequestInfoEvent>());

        void Asking(Qwen3WorkflowOptions options) => options.Tools = [_functions.Weather, new ApprovalRequiredAIFunction(_functions.Send)];
    }

    [Fact]
    public async Task A_plan_that_waits_for_a_person_is_asked_about_again()
    {
        var store = new MemoryStore();
        using (Qwen3Workflow workflow = Create(store, options => options.ReviewPlans = true))
        {
            await WatchWithoutAnswersAsync(await workflow.RunStreamingAsync(Goals.TwoThenSend, "session"));
        }

        using Qwen3Workflow later = Create(store, options => options.ReviewPlans = true);
        await using StreamingRun run = await later.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await run.WatchAsync(request => request.CreateResponse(PlanDecision.Approve()));
        ResumedEvent resumed = Assert.Single(events.OfType<ResumedEvent>());
        Assert.Equal((Goals.TwoThenSend, 0), (resumed.Plan.Goal, resumed.Steps.Length));
        Assert.StartsWith(Answer, events.Result().Answer);
    }

    private static async Task<List<WorkflowEvent>> WatchWithoutAnswersAsync(StreamingRun run)
    {
        await using (run)
        {
            return await run.WatchStreamAsync(blockOnPendingRequest: false, TestContext.Current.CancellationToken)
                .ToListAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<Qwen3WorkflowResult> RunAsync(MemoryStore store)
    {
        using Qwen3Workflow workflow = Create(store);
        await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session");
        return (await run.WatchAsync()).Result();
    }

    private Qwen3Workflow Create(MemoryStore store, Action<Qwen3WorkflowOptions>? configure = null, bool nobody = false)
    {
        IChatClient silent = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(), (_, _, _, _) => throw new InvalidOperationException("Nobody is to be asked.")).Build();
        return NanoWorkflow.Create(nobody ? silent : models.Thinking, nobody ? silent : models.Instruct, _functions, options =>
        {
            options.Checkpoints = WorkflowCheckpoints.In(store);
            configure?.Invoke(options);
        });
    }
}
