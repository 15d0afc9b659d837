using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>The planner as an agent by itself.</summary>
public sealed class PlannerAgentTests(AgentModels models)
{
    private static readonly string s_circle =
        new Plan("", [new(1, "Get the weather in Paris", [2]), new(2, "Get the weather in Rome", [1])]).ToJson();

    [Fact]
    public async Task The_answer_is_a_plan_and_has_the_reasoning()
    {
        PlannerAgent planner = Create(models.Thinking);
        AgentResponse response = await planner.RunAsync(Goals.TwoThenSend);

        Assert.Equal(Goals.TwoThenSendPlan, $"plan {response.Text}");
        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal("Planner", message.AuthorName);
        Assert.StartsWith("The goal needs 3 steps.", Assert.IsType<TextReasoningContent>(message.Contents[0]).Text);
        Assert.True(response.Usage!.OutputTokenCount > 50);

        Plan plan = await planner.MakePlanAsync(Goals.TwoThenSend);
        Assert.Equal((Goals.TwoThenSend, 3), (plan.Goal, plan.Steps.Length));
    }

    [Fact]
    public async Task Streaming_gives_the_reasoning_in_pieces_and_the_plan_at_once()
    {
        PlannerAgent planner = Create(models.Thinking);
        List<AgentResponseUpdate> updates =
            await planner.RunStreamingAsync(Goals.TwoThenSend).ToListAsync(TestContext.Current.CancellationToken);
        Assert.True(updates.Count(update => update.Contents.OfType<TextReasoningContent>().Any()) > 10);
        Assert.Equal(Goals.TwoThenSendPlan, $"plan {Assert.Single(updates, update => update.Text.Length > 0).Text}");
        Assert.Single(updates.ToAgentResponse().Messages);
    }

    [Fact]
    public async Task A_plan_with_a_circle_is_repaired()
    {
        var client = new SaidFirst(models.Thinking, s_circle);
        // The nano model may make mistakes of its own then.
        AgentResponse response = await Create(client, options => options.MaxRepairs = 8).RunAsync(Goals.TwoThenSend);

        Assert.Empty(Plan.Parse(response.Text, "").Check());
        Assert.DoesNotContain(s_circle, response.Text);
        Assert.StartsWith("So be it.", Assert.IsType<TextReasoningContent>(Assert.Single(response.Messages).Contents[0]).Text);
        Assert.Equal(s_circle, client.Requests[1][^2].Text);
        Assert.Contains("- The steps 1, 2 wait for each other, so that none of them can begin.", client.Requests[1][^1].Text);
    }

    [Fact]
    public async Task A_plan_that_is_not_repaired_is_given_up()
    {
        var client = new SaidFirst(models.Thinking, s_circle, "{}", s_circle);
        PlannerAgent planner = Create(client, options => options.MaxRepairs = 2);
        PlanException e = await Assert.ThrowsAsync<PlanException>(() => planner.MakePlanAsync(Goals.TwoThenSend));
        Assert.Equal("The steps 1, 2 wait for each other, so that none of them can begin.", Assert.Single(e.Findings));
        Assert.Equal(s_circle, e.PlanText);
        Assert.Equal(3, client.Requests.Count);
    }

    [Fact]
    public async Task A_plan_with_too_many_steps_goes_back()
    {
        var client = new SaidFirst(models.Thinking);
        Plan plan = await Create(client, options => (options.MaxSteps, options.MaxRepairs) = (2, 8)).MakePlanAsync(Goals.TwoThenSend);
        Assert.InRange(plan.Steps.Length, 1, 2);
        Assert.Contains("- The plan has 3 steps, and at most 2 are allowed.", client.Requests[1][^1].Text);
    }

    [Fact]
    public async Task A_plan_that_is_cut_off_is_said_to_be()
    {
        PlannerAgent planner = Create(models.Thinking, options => (options.ChatOptions.MaxOutputTokens, options.MaxRepairs) = (60, 0));
        PlanException e = await Assert.ThrowsAsync<PlanException>(() => planner.MakePlanAsync(Goals.TwoThenSend));
        Assert.StartsWith("The plan is cut off", Assert.Single(e.Findings));
    }

    [Fact]
    public async Task The_planner_is_told_the_functions()
    {
        var functions = new NanoFunctions();
        string? instructions = null;
        IChatClient client = models.Thinking.AsBuilder().Use(
            (messages, options, next, cancellationToken) =>
            {
                instructions = options!.Instructions;
                Assert.Null(options.Tools);
                return next(messages, options, cancellationToken);
            }).Build();
        await Create(client, options => options.Tools = functions.All).MakePlanAsync(Goals.TwoThenSend);
        Assert.EndsWith(
            "The assistant has these functions:\n- Weather_GetWeather: Gets the current weather in a city.\n- Mail_SendMessage: Sends a message to a person.",
            instructions);
        Assert.Contains("no more than 8.", instructions);
    }

    [Fact]
    public async Task The_planner_and_the_executor_work_in_a_workflow_of_somebody_else()
    {
        var executor = new ExecutorAgent(models.Instruct, new() { ChatOptions = { Temperature = 0, MaxOutputTokens = 100 } });
        Workflow workflow = AgentWorkflowBuilder.BuildSequential(Create(models.Thinking), executor);
        List<ChatMessage> messages = [new(ChatRole.User, Goals.TwoThenSend)];
        await using StreamingRun run = await InProcessExecution.RunStreamingAsync(workflow, messages);
        await run.TrySendMessageAsync(new TurnToken(emitEvents: true));
        List<WorkflowEvent> events = await run.WatchAsync();

        AgentResponseUpdate[] texts = [.. events.OfType<AgentResponseUpdateEvent>().Select(e => e.Update).Where(update => update.Text.Length > 0)];
        Assert.Equal(["Planner", "Executor"], texts.Select(update => update.AuthorName).Distinct());
        Assert.Contains(texts, update => $"plan {update.Text}" == Goals.TwoThenSendPlan);
    }

    [Fact]
    public async Task A_session_remembers_the_goals()
    {
        var client = new SaidFirst(models.Thinking);
        PlannerAgent planner = Create(client);
        AgentSession session = await planner.CreateSessionAsync();
        await planner.RunAsync(Goals.TwoThenSend, session);
        await planner.RunAsync(Goals.TwoThenSend, session);
        string plan = Goals.TwoThenSendPlan["plan ".Length..];
        Assert.Equal([Goals.TwoThenSend, plan, Goals.TwoThenSend], client.Requests[1].Select(message => message.Text));
    }

    private static PlannerAgent Create(IChatClient client, Action<PlannerAgentOptions>? configure = null)
    {
        var options = new PlannerAgentOptions { ChatOptions = { Temperature = 0, MaxOutputTokens = 600 } };
        configure?.Invoke(options);
        return new(client, options);
    }
}
