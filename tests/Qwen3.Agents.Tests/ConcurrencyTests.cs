using System.Runtime.CompilerServices;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Tests.Models;

namespace Qwen3.Agents.Tests;

/// <summary>Several workflows at once, and an end to them before their time.</summary>
public sealed class ConcurrencyTests(AgentModels models)
{
    [Fact]
    public async Task Two_runs_on_one_engine_do_not_mix()
    {
        var functions = new NanoFunctions();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, functions);
        Task<List<WorkflowEvent>> first = workflow.WatchAsync(Goals.TwoThenSend);
        Task<List<WorkflowEvent>> second = workflow.WatchAsync(Goals.LondonThenSend);
        List<WorkflowEvent>[] both = await Task.WhenAll(first, second);

        Assert.StartsWith("It is sunny in Paris", both[0].Result().Answer);
        Assert.All(both[0].Describe(), text => Assert.DoesNotMatch("London|Berlin|Ben", text));
        Assert.All(both[1].Describe(), text => Assert.DoesNotMatch("Paris|Rome|Anna", text));
        Assert.All(both, events => Assert.All(events.Result().Steps, step => Assert.Equal(StepStatus.Done, step.Status)));
        Assert.Equal(6, functions.Calls.Count);
    }

    [Fact]
    public async Task Goals_that_come_while_another_is_worked_on_are_all_worked_on_in_their_order()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, new NanoFunctions());
        await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend);
        List<WorkflowEvent> events = [];
        await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
        {
            events.Add(happened);
            if (happened is PlanCreatedEvent { Plan.Goal: Goals.TwoThenSend })
            {
                Assert.True(await run.TrySendMessageAsync(Goals.LondonThenSend));
                Assert.True(await run.TrySendMessageAsync(Goals.OneThenSend));
            }
        }

        Assert.Equal([Goals.LondonThenSend, Goals.OneThenSend], events.OfType<GoalQueuedEvent>().Select(waiting => waiting.Goal));
        Assert.Equal(
            [Goals.TwoThenSend, Goals.LondonThenSend, Goals.OneThenSend],
            events.OfType<WorkflowOutputEvent>().Select(output => output.Data).OfType<Qwen3WorkflowResult>().Select(result => result.Goal));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_stops_models_and_functions()
    {
        using var cancellation = new CancellationTokenSource();
        var functions = new NanoFunctions();
        var stopped = new TaskCompletionSource();
        functions.WhenWeather = async (_, cancellationToken) =>
        {
            using CancellationTokenRegistration registration = cancellationToken.Register(() => stopped.TrySetResult());
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, functions);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => workflow.RunAsync(Goals.TwoThenSend, cancellation.Token));
        await stopped.Task.WaitAsync(TestContext.Current.CancellationToken);

        // Nothing of it is left: the engine serves the next one.
        functions.WhenWeather = (_, _) => Task.CompletedTask;
        Assert.Null((await workflow.RunAsync(Goals.TwoThenSend)).StopReason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_run_that_is_disposed_while_a_plan_or_the_answer_is_written_stops_it_without_a_word(int requestsBefore)
    {
        List<string> log = [];
        var asked = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        IChatClient thinking = models.Thinking.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) =>
                requestsBefore-- == 0 ? NeverAsync(cancellationToken) : next.GetStreamingResponseAsync(messages, options, cancellationToken)).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(thinking, models.Instruct, new NanoFunctions(), options =>
        {
            options.AnswerWriter = AnswerWriter.Planner;
            options.LoggerFactory = LogLines.To(log);
        });
        StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await run.DisposeAsync();
        await stopped.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(log);

        async IAsyncEnumerable<ChatResponseUpdate> NeverAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new(ChatRole.Assistant, [new TextReasoningContent("Well")]);
            asked.SetResult();
            using CancellationTokenRegistration registration = cancellationToken.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    [Fact]
    public async Task A_run_that_is_disposed_stops_models_and_functions()
    {
        var functions = new NanoFunctions();
        var called = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        functions.WhenWeather = async (_, cancellationToken) =>
        {
            using CancellationTokenRegistration registration = cancellationToken.Register(() => stopped.TrySetResult());
            called.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, functions);
        StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend);
        await called.Task.WaitAsync(TestContext.Current.CancellationToken);
        await run.DisposeAsync();
        await stopped.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
