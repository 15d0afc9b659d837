using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>A person approves plans and calls, or does not.</summary>
public sealed class PersonTests(AgentModels models)
{
    private readonly NanoFunctions _functions = new();
    private readonly List<PlanReview> _reviews = [];
    private readonly List<ToolApprovalRequestContent> _approvals = [];

    [Fact]
    public async Task An_approved_plan_is_carried_out()
    {
        Qwen3WorkflowResult result = await ReviewAsync(_ => PlanDecision.Approve());
        Assert.Equal(Goals.TwoThenSendPlan, $"plan {Assert.Single(_reviews).Plan.ToJson()}");
        Assert.StartsWith("The goal needs 3 steps.", _reviews[0].Reasoning);
        Assert.Equal(3, result.Steps.Length);
        Assert.Null(result.StopReason);
    }

    [Fact]
    public async Task An_edited_plan_is_carried_out_once_it_can_be()
    {
        Qwen3WorkflowResult result = await ReviewAsync(review => PlanDecision.Edit(_reviews.Count == 1
            ? review.Plan with { Steps = [new(7, "Get the weather in Tokyo", [7])] }
            : review.Plan with { Steps = [new(7, "Get the weather in Tokyo", [])] }));
        Assert.Equal(2, _reviews.Count);
        Assert.Equal("Step 7 depends on itself.", _reviews[1].Reasoning);
        Assert.Equal((7, StepStatus.Done), (Assert.Single(result.Steps).Step.Id, result.Steps[0].Status));
        Assert.Equal(["weather Tokyo"], _functions.Calls);
    }

    [Fact]
    public async Task A_refused_plan_ends_the_workflow()
    {
        Qwen3WorkflowResult result = await ReviewAsync(_ => PlanDecision.Refuse());
        Assert.Equal((StopReason.PlanRefused, "The goal was not reached. The plan was refused."), (result.StopReason, result.Answer));
        Assert.Empty(_functions.Calls);
    }

    [Fact]
    public async Task A_plan_that_is_refused_with_a_reason_is_made_anew()
    {
        Qwen3WorkflowResult result = await ReviewAsync(_ => _reviews.Count == 1 ? PlanDecision.Refuse("Ask nobody.") : PlanDecision.Refuse());
        Assert.Equal(2, _reviews.Count);
        Assert.Equal((StopReason.PlanRefused, 1), (result.StopReason, result.Replans));
    }

    [Fact]
    public async Task An_approved_call_is_made()
    {
        Qwen3WorkflowResult result = await ApproveAsync(request => request.CreateResponse(approved: true));
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(_approvals).ToolCall);
        Assert.Equal("Mail_SendMessage", call.Name);
        Assert.Equal(1, _functions.Calls.Count(made => made.StartsWith("send Anna")));
        Assert.Null(result.StopReason);
    }

    [Fact]
    public async Task A_refused_call_is_not_made_and_the_model_is_told()
    {
        List<WorkflowEvent> events = [];
        Qwen3WorkflowResult result = await ApproveAsync(request => request.CreateResponse(approved: false, "Not Anna."), events);
        Assert.Single(_approvals);
        Assert.DoesNotContain(_functions.Calls, made => made.StartsWith("send"));
        Assert.Contains("result 3 The user refused this call. It was not executed. Not Anna.", events.Describe());
        Assert.Equal((StepStatus.Refused, 1), (result.Steps[2].Status, result.Steps[2].Attempts));
        Assert.Equal("The user refused the call of Mail_SendMessage. Not Anna.", result.Steps[2].Error);
        Assert.Equal(result.Steps[2].Error, Assert.Single(events.OfType<StepRefusedEvent>()).Reason);
        Assert.Equal(0, result.Replans);
    }

    [Fact]
    public async Task The_answer_and_later_steps_are_told_what_was_refused()
    {
        List<string> asked = [];
        var instruct = new ScriptedClient(messages =>
        {
            asked.Add(messages[^1].Text);
            return messages.Any(message => message.Text.Contains("has these") || message.Role == ChatRole.Tool)
                || !messages[^1].Text.StartsWith("Send", StringComparison.Ordinal)
                ? [new TextContent("I sent it.")]
                : [new FunctionCallContent("call_0", "Mail_SendMessage", new Dictionary<string, object?> { ["recipient"] = "Anna", ["message"] = "Hi" })];
        });
        using var workflow = new Qwen3Workflow(
            ScriptedClient.Saying(new Plan("", [new(1, "Send it to Anna", []), new(2, "Note it", [1])]).ToJson()),
            instruct,
            new() { Tools = [new ApprovalRequiredAIFunction(_functions.Send)] });
        List<WorkflowEvent> events = await workflow.WatchAsync("Goal", request =>
        {
            Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? approval));
            return request.CreateResponse(approval.CreateResponse(approved: false));
        });
        Assert.Equal([StepStatus.Refused, StepStatus.Done], events.Result().Steps.Select(step => step.Status));
        Assert.EndsWith(
            "Results so far:\n1. NOT DONE: Send it to Anna. The user refused the call of Mail_SendMessage.",
            Assert.Single(asked, text => text.StartsWith("Note it", StringComparison.Ordinal)));
        Assert.EndsWith(
            "The user refused this, so it was not done:\n1. Send it to Anna\n\n" +
            "Say that it was not done because the user refused it. Do not say that it was done.",
            asked[^1]);
        Assert.Empty(_functions.Calls);
    }

    [Fact]
    public async Task As_an_agent_it_asks_in_its_answer_and_goes_on_with_the_next_message()
    {
        using Qwen3Workflow workflow = CreateAsking();
        AIAgent agent = workflow.AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse asking = await agent.RunAsync(Goals.TwoThenSend, session);
        ToolApprovalRequestContent request = Assert.Single(
            asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>());
        Assert.DoesNotContain(_functions.Calls, made => made.StartsWith("send"));

        // Stored in between, as a server does.
        string stored = (await agent.SerializeSessionAsync(session)).GetRawText();
        session = await agent.DeserializeSessionAsync(System.Text.Json.JsonElement.Parse(stored));
        AgentResponse response = await agent.RunAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(approved: true)]), session);
        Assert.StartsWith("It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", response.Text);
        Assert.Equal(["weather Paris", "weather Rome"], _functions.Calls.Where(made => made.StartsWith("weather")).Order());
        Assert.Equal(1, _functions.Calls.Count(made => made.StartsWith("send")));
    }

    [Fact]
    public async Task As_an_agent_it_says_that_a_goal_waits_for_an_answer_and_comes_back_to_it()
    {
        using Qwen3Workflow workflow = CreateAsking();
        AIAgent agent = workflow.AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse asking = await agent.RunAsync(Goals.TwoThenSend, session);
        AgentResponse waiting = await agent.RunAsync(Goals.LondonThenSend, session);
        Assert.Equal(
            $"Another goal is still worked on (\"{Goals.TwoThenSend}\"). This one is begun after it. If you have been asked something, answer that first.",
            waiting.Text);

        ToolApprovalRequestContent request = asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
        List<AgentResponseUpdate> updates = await agent
            .RunStreamingAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(approved: true)]), session)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", updates.ToAgentResponse().Text);
        Assert.Equal(Goals.LondonThenSend, updates.Select(update => update.RawRepresentation).OfType<PlanCreatedEvent>().Single().Plan.Goal);
    }

    [Fact]
    public async Task As_an_agent_it_asks_about_a_plan()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.ReviewPlans = true);
        AIAgent agent = workflow.AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse asking = await agent.RunAsync(Goals.TwoThenSend, session);
        FunctionCallContent review = Assert.Single(asking.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Empty(_functions.Calls);
        AgentResponse response = await agent.RunAsync(
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent(review.CallId, PlanDecision.Approve())]), session);
        Assert.StartsWith("It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", response.Text);
    }

    [Fact]
    public async Task Without_anybody_to_ask_it_says_so()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.ReviewPlans = true);
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(() => workflow.RunAsync(Goals.TwoThenSend));
        Assert.Contains("use RunStreamingAsync", e.Message);
    }

    private Qwen3Workflow CreateAsking() => NanoWorkflow.Create(
        models, _functions, options => options.Tools = [_functions.Weather, new ApprovalRequiredAIFunction(_functions.Send)]);

    private async Task<Qwen3WorkflowResult> ReviewAsync(Func<PlanReview, PlanDecision> decide)
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.ReviewPlans = true);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend, request =>
        {
            Assert.True(request.TryGetDataAs(out PlanReview? review));
            _reviews.Add(review);
            return request.CreateResponse(decide(review));
        });
        return events.Result();
    }

    private async Task<Qwen3WorkflowResult> ApproveAsync(
        Func<ToolApprovalRequestContent, ToolApprovalResponseContent> decide, List<WorkflowEvent>? seen = null)
    {
        using Qwen3Workflow workflow = CreateAsking();
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend, request =>
        {
            Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? approval));
            _approvals.Add(approval);
            Assert.DoesNotContain(_functions.Calls, made => made.StartsWith("send"));
            return request.CreateResponse(decide(approval));
        });
        seen?.AddRange(events);
        return events.Result();
    }
}
