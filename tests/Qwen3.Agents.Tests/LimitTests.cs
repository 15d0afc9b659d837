using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Qwen3.Agents.Tests;

/// <summary>Each limit ends the workflow with what was achieved and says which it was.</summary>
public sealed class LimitTests(AgentModels models)
{
    private readonly NanoFunctions _functions = new();

    [Fact]
    public async Task Tokens()
    {
        // How many were in the cache differs from test to test; so many were not.
        var read = new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 2_000 })]);
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) =>
                next.GetStreamingResponseAsync(messages, options, cancellationToken).Append(read)).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options =>
        {
            options.Limits.MaxTokens = 5_000;
            options.Limits.MaxParallelSteps = 1;
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.Tokens, result.StopReason);
        Assert.InRange(result.Tokens, 5_000, 10_000);
        Assert.Contains("tokens, and 5000 are allowed.", result.Answer);
        Assert.Contains("Done:\n1. It is sunny in Paris with 21 degrees.", result.Answer);
        Assert.Contains("Not done:\n2. Get the weather in Rome", result.Answer);
    }

    [Fact]
    public async Task Time_while_a_function_runs_and_does_not_come_back()
    {
        var clock = new FakeTimeProvider();
        var never = new TaskCompletionSource();
        _functions.WhenWeather = (city, _) =>
        {
            if (city != "Rome")
            {
                return Task.CompletedTask;
            }

            clock.Advance(TimeSpan.FromMinutes(5));
            return never.Task;
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options =>
        {
            options.TimeProvider = clock;
            options.Limits.MaxTime = TimeSpan.FromMinutes(5);
            options.Limits.MaxParallelSteps = 1;
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);

        Assert.Equal(StopReason.Time, result.StopReason);
        Assert.Equal(TimeSpan.FromMinutes(5), result.Time);
        Assert.StartsWith("The goal was not reached. The time was up (00:05:00) before all steps were done.", result.Answer);
        Assert.Contains("Done:\n1. It is sunny in Paris with 21 degrees.", result.Answer);
        Assert.Contains("Not done:\n2. Get the weather in Rome", result.Answer);
    }

    [Fact(Timeout = 60_000)]
    public async Task Tokens_of_a_step_while_another_has_more_to_tell()
    {
        TaskCompletionSource hanoi = new(), paris = new(), rome = new();
        _functions.WhenWeather = (city, cancellationToken) =>
        {
            (city switch { "Paris" => paris, "Rome" => rome, _ => new() }).SetResult();
            return city == "Hanoi" ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellationToken);
        };
        // Hanoi's call is the first in a checkpoint. While that is written, Paris takes too many tokens, and then Rome calls too.
        var store = new MemoryStore(written =>
        {
            if (written.Contains("\"city\":\"Hanoi\"") && hanoi.TrySetResult())
            {
                rome.Task.Wait(TestContext.Current.CancellationToken);
            }
        });
        var read = new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 90_000 })]);
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) =>
            {
                IAsyncEnumerable<ChatResponseUpdate> answer = next.GetStreamingResponseAsync(messages, options, cancellationToken);
                string task = messages.Last().Text;
                return task.EndsWith("in Paris") ? After(hanoi.Task).Concat(answer).Append(read)
                    : task.EndsWith("in Rome") ? After(paris.Task).Concat(answer)
                    : answer;
            }).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options =>
        {
            options.Limits.MaxTokens = 80_000;
            options.Checkpoints = WorkflowCheckpoints.In(store);
        });
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.ThreeThenSend);
        Assert.Equal(StopReason.Tokens, events.Result().StopReason);
        Assert.Contains(events.OfType<CallEvent>(), call => $"{call.Call.Arguments!["city"]}" == "Rome");

        static async IAsyncEnumerable<ChatResponseUpdate> After(Task task)
        {
            await task;
            yield break;
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Time_while_a_checkpoint_is_written_and_a_function_runs()
    {
        var clock = new FakeTimeProvider();
        _functions.WhenWeather = (city, cancellationToken) => city == "Rome" ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options =>
        {
            options.TimeProvider = clock;
            options.Limits.MaxTime = TimeSpan.FromMinutes(5);
            options.Limits.MaxParallelSteps = 1;
            options.Checkpoints = WorkflowCheckpoints.In(new MemoryStore(written =>
            {
                if (written.Contains("\"city\":\"Rome\""))
                {
                    clock.Advance(TimeSpan.FromMinutes(5));
                }
            }));
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend, TestContext.Current.CancellationToken);
        Assert.Equal((StopReason.Time, TimeSpan.FromMinutes(5)), (result.StopReason, result.Time));
    }

    [Fact(Timeout = 120_000)]
    public async Task Time_while_a_person_is_still_asked()
    {
        var clock = new FakeTimeProvider();
        _functions.WhenWeather = (_, cancellationToken) =>
        {
            clock.Advance(TimeSpan.FromMinutes(5));
            return Task.Delay(Timeout.Infinite, cancellationToken);
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options =>
        {
            options.TimeProvider = clock;
            options.Limits.MaxTime = TimeSpan.FromMinutes(5);
            options.Tools = [new ApprovalRequiredAIFunction(_functions.Weather), _functions.Send];
        });
        List<WorkflowEvent> events = [];
        int asked = 0;
        await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend);
        await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
        {
            events.Add(happened);
            // One of the two is answered, the other never.
            if (happened is RequestInfoEvent { Request: { } request } && asked++ == 1)
            {
                // What is never answered does not keep the run from ending after the next goal either.
                Assert.True(await run.TrySendMessageAsync("Send a summary to Anna."));
                Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? approval));
                await run.SendResponseAsync(request.CreateResponse(approval.CreateResponse(approved: true)));
            }
        }

        Qwen3WorkflowResult[] results =
            [.. events.OfType<WorkflowOutputEvent>().Select(output => output.Data).OfType<Qwen3WorkflowResult>()];
        Assert.Equal((2, 2, StopReason.Time), (asked, results.Length, results[0].StopReason));
        Assert.Single(_functions.Calls, call => call.StartsWith("weather"));
    }

    [Fact]
    public async Task Steps_of_all_plans_together()
    {
        _functions.WhenWeather = (city, _) => city == "Rome" ? throw new InvalidOperationException("The service is down.") : Task.CompletedTask;
        var planner = new SaidFirst(
            models.Thinking,
            Goals.TwoThenSendPlan["plan ".Length..],
            new Plan("", [new(1, "Get the weather in Milan", []), new(2, "Send a summary to Anna", [1])]).ToJson());
        using Qwen3Workflow workflow = NanoWorkflow.Create(planner, models.Instruct, _functions, options =>
        {
            options.Limits.MaxSteps = 3;
            options.Limits.MaxAttempts = 1;
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal((StopReason.Steps, 1), (result.StopReason, result.Replans));
        Assert.Contains("It would take 4 steps, and 3 are allowed.", result.Answer);
        Assert.Contains("Done:\n1. It is sunny in Paris with 21 degrees.", result.Answer);
        Assert.Equal(["weather Paris", "weather Rome"], _functions.Calls.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rounds_of_calls_in_a_step(bool isApproved)
    {
        int asked = 0;
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (_, _, _, _) => new[] { Call($"{asked++}") }.ToAsyncEnumerable()).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options =>
        {
            options.Tools = [isApproved ? new ApprovalRequiredAIFunction(_functions.Weather) : _functions.Weather, _functions.Send];
            options.MaxRounds = 3;
            options.Limits.MaxReplans = 0;
            options.Limits.MaxAttempts = 1;
            options.Limits.MaxParallelSteps = 1;
        });
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.OneThenSend, request =>
        {
            Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? approval));
            Assert.InRange(asked, 1, 3);
            return request.CreateResponse(approval.CreateResponse(approved: true));
        });
        Qwen3WorkflowResult result = events.Result();
        Assert.Equal(StopReason.Replans, result.StopReason);
        Assert.StartsWith("The model calls functions after 3 rounds of calls.", result.Steps[0].Error);
        Assert.Equal((4, 3), (asked, _functions.Calls.Count));

        static ChatResponseUpdate Call(string id) =>
            new(ChatRole.Assistant, [new FunctionCallContent(id, "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Paris" })]);
    }

    [Fact]
    public void Options_that_cannot_be_are_named()
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => NanoWorkflow.Create(models, _functions, options =>
        {
            options.MaxPlanSteps = 0;
            options.Limits.MaxTime = TimeSpan.Zero;
            options.Tools = [_functions.Weather, _functions.Weather];
        }));
        Assert.Equal(
            [
                "MaxPlanSteps is 0, and must be at least 1.",
                "Limits.MaxTime is 00:00:00, and must be more than nothing and at most 49 days.",
                "2 tools have the name Weather_GetWeather: the model could not tell them apart.",
            ],
            e.Failures);
    }
}
