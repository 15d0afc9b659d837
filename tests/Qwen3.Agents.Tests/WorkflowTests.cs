using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>From a goal to its answer.</summary>
public sealed class WorkflowTests(AgentModels models)
{
    private const string SunnyInParis = "It is sunny in Paris with 21 degrees.";
    private const string SunnyInRome = "It is sunny in Rome with 21 degrees.";

    private readonly NanoFunctions _functions = new();

    [Fact]
    public async Task A_plan_is_carried_out_and_answered()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        string[] described = [.. events.Describe()];
        Assert.Equal(Goals.TwoThenSendPlan, described[0]);
        Assert.Equal(["start 1", "start 2"], described[1..3]);
        Assert.True(Array.IndexOf(described, "start 3") > Array.IndexOf(described, $"done 1 {SunnyInParis}"));
        Assert.True(Array.IndexOf(described, "start 3") > Array.IndexOf(described, $"done 2 {SunnyInRome}"));
        Assert.StartsWith($"answer {SunnyInParis} {SunnyInRome}", described[^1]);

        // The last step was told the results that it depends on.
        Assert.Equal($"send Anna: {SunnyInParis} {SunnyInRome}", _functions.Calls.Last());
        Assert.Equal(3, _functions.Calls.Count);

        Qwen3WorkflowResult result = events.Result();
        Assert.Equal(Goals.TwoThenSend, result.Goal);
        Assert.Equal(described[^1], $"answer {result.Answer}");
        Assert.Null(result.StopReason);
        Assert.All(result.Steps, step => Assert.Equal((StepStatus.Done, 1), (step.Status, step.Attempts)));
        Assert.True(result.Tokens > 100);
    }

    [Fact]
    public async Task The_result_has_the_usage_of_all_requests()
    {
        var used = new UsageDetails();
        int requests = 0;
        using Qwen3Workflow workflow = NanoWorkflow.Create(Counted(models.Thinking), Counted(models.Instruct), _functions);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);

        // A plan, two answers in each step, and the last one.
        Assert.Equal(8, requests);
        Assert.Equivalent(used, result.Usage);
        Assert.Equal(used.InputTokenCount - used.CachedInputTokenCount + used.OutputTokenCount, result.Tokens);

        IChatClient Counted(IChatClient model) => model.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) => next.GetStreamingResponseAsync(messages, options, cancellationToken).Select(update =>
            {
                foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
                {
                    lock (used)
                    {
                        used.Add(usage.Details);
                        requests++;
                    }
                }

                return update;
            })).Build();
    }

    [Fact]
    public async Task What_the_models_write_is_seen_as_it_comes()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        int planned = events.FindIndex(happened => happened is PlanCreatedEvent);
        Assert.StartsWith("The goal needs 3 steps.", string.Concat(events[..planned].OfType<ReasoningEvent>().Select(piece => piece.Text)));
        Assert.Equal(SunnyInParis, string.Concat(events.OfType<TextEvent>().Where(piece => piece.StepId == 1).Select(piece => piece.Text)));
        IEnumerable<string> answer = events.OfType<TextEvent>().Where(piece => piece.StepId is null).Select(piece => piece.Text);
        Assert.Equal(events.Result().Answer, string.Concat(answer));
    }

    [Fact]
    public async Task Steps_that_do_not_depend_on_each_other_run_at_the_same_time()
    {
        var together = new TaskCompletionSource();
        int waiting = 0;
        // None comes back before all three have been called.
        _functions.WhenWeather = (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref waiting) == 3)
            {
                together.SetResult();
            }

            return together.Task.WaitAsync(cancellationToken);
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.ThreeThenSend, TestContext.Current.CancellationToken);

        Assert.Null(result.StopReason);
        Assert.Equal(4, _functions.Calls.Count);
    }

    [Fact]
    public async Task The_workflow_can_be_used_as_one_agent()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        AIAgent agent = workflow.AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse response = await agent.RunAsync(Goals.TwoThenSend, session);
        Assert.StartsWith($"{SunnyInParis} {SunnyInRome}", response.Text);
        Assert.Equal("Qwen3", Assert.Single(response.Messages).AuthorName);

        List<AgentResponseUpdate> updates =
            await agent.RunStreamingAsync(Goals.TwoThenSend, session).ToListAsync(TestContext.Current.CancellationToken);
        // The planner and the executor read the first goal and its answer too.
        Assert.StartsWith(SunnyInParis, Assert.Single(updates.ToAgentResponse().Messages, message => message.Contents.Count > 0).Text);
        Assert.Equal(Goals.TwoThenSendPlan, updates.Select(update => update.RawRepresentation).OfType<WorkflowEvent>().Describe().First());
    }

    [Fact]
    public async Task The_workflow_can_be_part_of_another()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        ExecutorBinding inner = workflow.Workflow.BindAsExecutor("inner");
        ExecutorBinding shout = ((Func<Qwen3WorkflowResult, string>)(result => result.Answer.ToUpperInvariant())).BindAsExecutor("shout");
        Workflow outer = new WorkflowBuilder(inner).AddEdge(inner, shout).WithOutputFrom(shout).Build();
        await using StreamingRun run = await InProcessExecution.RunStreamingAsync(outer, Goals.TwoThenSend);
        List<WorkflowEvent> events = await run.WatchAsync();
        Assert.StartsWith("IT IS SUNNY IN PARIS WITH 21 DEGREES.", events.OfType<WorkflowOutputEvent>().Select(output => output.Data).OfType<string>().Single());
        Assert.Equal(Goals.TwoThenSendPlan, events.Describe().First());
    }

    [Fact]
    public async Task The_planner_may_write_the_answer_and_thinks_first()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.AnswerWriter = AnswerWriter.Planner);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);
        int done = events.FindLastIndex(happened => happened is StepDoneEvent);
        Assert.Contains(events[done..], happened => happened is ReasoningEvent);
        Assert.Equal(events.Result().Answer, string.Concat(events[done..].OfType<TextEvent>().Select(piece => piece.Text)));
    }
}
