using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>Steps and plans that fail.</summary>
public sealed class FailureTests(AgentModels models)
{
    private const string IsDown = "Error: The service is down.";

    private readonly NanoFunctions _functions = new();
    private int _failures;

    [Fact]
    public async Task A_failed_step_is_tried_again_and_calls_only_what_failed()
    {
        FailInRome(times: 1);
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        string[] described = [.. events.Describe()];
        Assert.Equal(
            [
                "start 2", "call 2 Weather_GetWeather", $"result 2 {IsDown}", $"failed 2 {IsDown} (retry)",
                "start 2 again", "result 2 sunny, 21 degrees", "done 2 It is sunny in Rome with 21 degrees.",
            ],
            described.Where(text => text.Split(' ')[1] == "2"));
        Assert.Equal(1, _functions.Calls.Count(call => call == "weather Paris"));
        Assert.Equal(2, _functions.Calls.Count(call => call == "weather Rome"));
        Qwen3WorkflowResult result = events.Result();
        Assert.Null(result.StopReason);
        Assert.Equal([1, 2, 1], result.Steps.Select(step => step.Attempts));
        Assert.Null(result.Steps[1].Error);
    }

    [Fact]
    public async Task When_a_step_has_failed_for_good_a_new_plan_takes_the_place_of_what_is_left()
    {
        FailInRome(times: 2);
        var planner = new SaidFirst(models.Thinking);
        using Qwen3Workflow workflow = NanoWorkflow.Create(planner, models.Instruct, _functions);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        Assert.Equal(2, planner.Requests.Count);
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.User], planner.Requests[1].Select(message => message.Role));
        string request = planner.Requests[1][^1].Text;
        Assert.Contains("Results so far:\n1. It is sunny in Paris with 21 degrees.", request);
        Assert.Contains($"Failed, or not finished:\n2. Get the weather in Rome: {IsDown}\n", request);

        Assert.Single(events.OfType<ReplannedEvent>());
        Qwen3WorkflowResult result = events.Result();
        Assert.Equal(1, result.Replans);
        Assert.Null(result.StopReason);
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.Dropped, StepStatus.Done], result.Steps.Select(step => step.Status));
        // The new steps' ids go on, and they are told what is known.
        Assert.Equal((4, 1), (result.Steps[3].Step.Id, Assert.Single(result.Steps[3].Step.DependsOn)));
        Assert.Equal(1, _functions.Calls.Count(call => call == "weather Paris"));
    }

    [Fact]
    public async Task A_new_plan_may_depend_on_steps_that_are_done_but_not_on_those_that_failed()
    {
        FailInRome(times: 2);
        var planner = new SaidFirst(
            models.Thinking,
            Goals.TwoThenSendPlan["plan ".Length..],
            new Plan("", [new(4, "Send a summary to Anna", [1, 2])]).ToJson(),
            new Plan("", [new(4, "Get the weather in Milan", []), new(5, "Send a summary to Anna", [1, 4])]).ToJson());
        using Qwen3Workflow workflow = NanoWorkflow.Create(planner, models.Instruct, _functions);
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        Assert.Equal(3, planner.Requests.Count);
        Assert.EndsWith("- Step 4 depends on step 2, which is not in the plan.\n\nMake a plan for the same goal that can.", planner.Requests[2][^1].Text);
        PlanStep[] steps = [.. events.Result().Steps[3..].Select(step => step.Step)];
        Assert.Equal([[1], [1, 4]], steps.Select(step => step.DependsOn));
        Assert.Equal("send Anna: It is sunny in Paris with 21 degrees. It is sunny in Milan with 21 degrees.", _functions.Calls.Last());
    }

    [Fact]
    public async Task A_person_may_let_a_new_plan_depend_on_steps_that_are_done()
    {
        FailInRome(times: 2);
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.ReviewPlans = true);
        int reviews = 0;
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend, request =>
        {
            Assert.True(request.TryGetDataAs(out PlanReview? review));
            Assert.Equal(reviews == 0 ? 1 : 4, review.Plan.Steps[0].Id);
            return request.CreateResponse(reviews++ == 0
                ? PlanDecision.Approve()
                : PlanDecision.Edit(new("", [new(9, "Send a summary to Anna", [1])])));
        });
        Assert.Equal(2, reviews);
        Assert.Equal((4, 1), (events.Result().Steps[3].Step.Id, Assert.Single(events.Result().Steps[3].Step.DependsOn)));
    }

    [Fact]
    public void An_id_of_a_new_plan_means_its_own_step_where_a_step_that_is_done_had_it_too()
    {
        StepState Done(int id) => new(new PlanStep(id, "It is done", [])) { Status = StepStatus.Done, Result = "done" };
        var run = new RunState("Goal") { Steps = [Done(1), Done(2), new(new PlanStep(3, "It failed", [])) { Status = StepStatus.Failed }] };
        Plan plan = run.Read(new Plan("Goal", [new(1, "First", [1, 2]), new(3, "Second", [1, 2])]));
        Assert.Empty(plan.Check());
        Assert.Equal("Step 3 depends on itself.", Assert.Single(run.Read(new Plan("Goal", [new(3, "It waits", [3])])).Check()));
        Assert.Equal([(4, "1, 2"), (5, "1, 2, 4")], run.WithPlan(plan).Plan.Steps[2..].Select(step => (step.Id, string.Join(", ", step.DependsOn))));
    }

    [Fact]
    public async Task Without_new_plans_the_workflow_ends_with_what_was_achieved()
    {
        FailInRome(times: int.MaxValue);
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            models, _functions, options => (options.Limits.MaxReplans, options.Limits.MaxAttempts) = (0, 3));
        List<WorkflowEvent> events = await workflow.WatchAsync(Goals.TwoThenSend);

        Qwen3WorkflowResult result = events.Result();
        Assert.Equal(StopReason.Replans, result.StopReason);
        Assert.Equal(
            $"""
            The goal was not reached. Step 2 (Get the weather in Rome) has failed, and a new plan was made as often as is allowed (0): {IsDown}

            Done:
            1. It is sunny in Paris with 21 degrees.

            Not done:
            2. Get the weather in Rome ({IsDown})
            3. Send a summary to Anna
            """,
            result.Answer);
        Assert.Equal("stopped Replans", events.Describe().Last());
        Assert.Equal(3, result.Steps[1].Attempts);
        Assert.Equal(3, _functions.Calls.Count(call => call == "weather Rome"));
    }

    [Fact]
    public async Task What_a_step_had_done_before_it_failed_is_told_in_the_answer_and_to_each_new_plan()
    {
        var planner = new SaidFirst(
            ScriptedClient.Planning("Send it to Anna and check it"), new Plan("", [new(1, "Send it to Anna", [])]).ToJson());
        var instruct = new ScriptedClient(messages => messages.Any(message => message.Role == ChatRole.Tool)
                || !messages.Any(message => message.Text == "Send it to Anna")
            ? [new TextContent("FAILED: I cannot check it.")]
            : [new FunctionCallContent("call_0", "Mail_SendMessage", new Dictionary<string, object?> { ["recipient"] = "Anna", ["message"] = "Hi" })]);
        using Qwen3Workflow workflow = NanoWorkflow.Create(planner, instruct, _functions, options => options.Limits.MaxAttempts = 1);
        Qwen3WorkflowResult result = await workflow.RunAsync("Send it to Anna and check it", TestContext.Current.CancellationToken);
        Assert.Equal(StopReason.Replans, result.StopReason);
        Assert.Contains(
            "Done in steps that did not end:\n1. Send it to Anna\n   Mail_SendMessage was called, and answered: Message sent to Anna.\n",
            result.Answer);
        Assert.Equal(3, planner.Requests.Count);
        Assert.All(planner.Requests[1..], request => Assert.Contains("answered: Message sent to Anna.", request[^1].Text));
        Assert.Single(_functions.Calls);
    }

    [Fact]
    public async Task A_step_of_which_the_model_says_that_it_failed_has_failed()
    {
        IChatClient instruct = new SaidFirst(models.Instruct, "Failed: nobody knows.", "FAILED: nobody knows.");
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            models.Thinking, instruct, _functions, options => (options.Limits.MaxReplans, options.Limits.MaxParallelSteps) = (0, 1));
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal((StepStatus.Failed, "nobody knows."), (result.Steps[0].Status, result.Steps[0].Error));
    }

    [Fact]
    public async Task A_model_that_throws_fails_the_step_and_not_the_process()
    {
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) => messages.Any(message => message.Text.EndsWith("in Rome"))
                ? throw new InvalidOperationException("The context is full.")
                : next.GetStreamingResponseAsync(messages, options, cancellationToken)).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options => options.Limits.MaxReplans = 0);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.Waiting], result.Steps.Select(step => step.Status));
        Assert.Equal("The context is full.", result.Steps[1].Error);
    }

    [Fact]
    public async Task A_planner_without_a_plan_ends_the_workflow()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            new SaidFirst(models.Thinking, "{}"), models.Instruct, _functions, options => options.MaxPlanRepairs = 0);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.NoPlan, result.StopReason);
        Assert.StartsWith(
            "The goal was not reached. The planner has no plan that can be carried out: The text has no steps with tasks.", result.Answer);
        Assert.Empty(result.Steps);
    }

    [Fact]
    public async Task An_answer_without_a_word_is_none()
    {
        const string plan = """{"steps": [{"id": 1, "task": "Get the weather in Paris", "dependsOn": []}]}""";
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            new SaidFirst(models.Thinking, plan, ""), models.Instruct, _functions, options => options.AnswerWriter = AnswerWriter.Planner);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.NoAnswer, result.StopReason);
        Assert.Contains("returned an empty answer", result.Answer);
        Assert.EndsWith("Done:\n1. It is sunny in Paris with 21 degrees.", result.Answer);
    }

    [Fact]
    public async Task A_time_limit_of_a_models_client_leaves_what_was_achieved()
    {
        int requests = 0;
        IChatClient thinking = models.Thinking.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (messages, options, next, cancellationToken) => requests++ > 0
                ? throw new TaskCanceledException("The request took too long.")
                : next.GetStreamingResponseAsync(messages, options, cancellationToken)).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            thinking, models.Instruct, _functions, options => options.AnswerWriter = AnswerWriter.Planner);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.NoAnswer, result.StopReason);
        Assert.Contains("The request took too long.", result.Answer);
        Assert.All(result.Steps, step => Assert.Equal(StepStatus.Done, step.Status));
    }

    [Fact]
    public async Task A_new_plan_that_is_refused_is_made_anew_with_all_that_is_known()
    {
        FailInRome(times: 2);
        var planner = new SaidFirst(models.Thinking);
        using Qwen3Workflow workflow = NanoWorkflow.Create(planner, models.Instruct, _functions, options => options.ReviewPlans = true);
        int reviews = 0;
        await workflow.WatchAsync(
            Goals.TwoThenSend,
            request => request.CreateResponse(reviews++ switch
            {
                0 => PlanDecision.Approve(),
                1 => PlanDecision.Refuse("Ask somebody else."),
                _ => PlanDecision.Refuse(),
            }));
        ChatMessage[] last = planner.Requests[^1];
        Assert.Contains("Ask somebody else.", last[^1].Text);
        Assert.Contains(
            last,
            message => message.Text.Contains("Results so far:\n1. It is sunny in Paris")
                && message.Text.Contains($"2. Get the weather in Rome: {IsDown}"));
    }

    private void FailInRome(int times) => _functions.WhenWeather = (city, _) =>
        city == "Rome" && _failures++ < times ? throw new InvalidOperationException("The service is down.") : Task.CompletedTask;
}
