using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>Workflows on the nano models, greedy, so that each run is the same.</summary>
internal static class NanoWorkflow
{
    public static Qwen3Workflow Create(AgentModels models, NanoFunctions functions, Action<Qwen3WorkflowOptions>? configure = null) =>
        Create(models.Thinking, models.Instruct, functions, configure);

    public static Qwen3Workflow Create(
        IChatClient thinking, IChatClient instruct, NanoFunctions functions, Action<Qwen3WorkflowOptions>? configure = null)
    {
        var options = new Qwen3WorkflowOptions
        {
            Tools = functions.All,
            PlannerChatOptions = { Temperature = 0, MaxOutputTokens = 600 },
            ExecutorChatOptions = { Temperature = 0, MaxOutputTokens = 300 },
        };
        configure?.Invoke(options);
        return new(thinking, instruct, options);
    }

    /// <summary>Runs a workflow to its end.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="goal">The goal.</param>
    /// <param name="respond">Answers what a person is asked.</param>
    /// <returns>All events.</returns>
    public static async Task<List<WorkflowEvent>> WatchAsync(
        this Qwen3Workflow workflow, string goal, Func<ExternalRequest, ExternalResponse>? respond = null)
    {
        await using StreamingRun run = await workflow.RunStreamingAsync(goal);
        return await run.WatchAsync(respond);
    }

    public static async Task<List<WorkflowEvent>> WatchAsync(this StreamingRun run, Func<ExternalRequest, ExternalResponse>? respond = null)
    {
        List<WorkflowEvent> events = [];
        await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
        {
            events.Add(happened);
            Assert.False(happened is WorkflowErrorEvent, $"{(happened as WorkflowErrorEvent)?.Exception}");
            if (happened is RequestInfoEvent { Request: { } request })
            {
                await run.SendResponseAsync(respond?.Invoke(request) ?? throw new InvalidOperationException($"Nobody answers {request}."));
            }
        }

        return events;
    }

    public static Qwen3WorkflowResult Result(this IEnumerable<WorkflowEvent> events) =>
        Assert.IsType<Qwen3WorkflowResult>(Assert.Single(events.OfType<WorkflowOutputEvent>(), output => output.Data is Qwen3WorkflowResult).Data);

    /// <summary>The events but for the pieces of texts, in short.</summary>
    public static IEnumerable<string> Describe(this IEnumerable<WorkflowEvent> events) => events.Select(happened => happened switch
    {
        PlanCreatedEvent plan => $"plan {plan.Plan.ToJson()}",
        ResumedEvent resumed => $"resumed {string.Join(", ", resumed.Steps.Select(step => $"{step.Step.Id} {step.Status}"))}",
        ReplannedEvent plan => $"replan {plan.Plan.ToJson()}",
        StepStartedEvent step => $"start {step.Step.Id}" + (step.Attempt == 1 ? "" : $" again"),
        CallEvent call => $"call {call.StepId} {call.Call.Name}",
        ResultEvent result => $"result {result.StepId} {result.Result.Result}",
        StepDoneEvent step => $"done {step.Step.Id} {step.Result}",
        StepFailedEvent step => $"failed {step.Step.Id} {step.Error}" + (step.WillRetry ? " (retry)" : ""),
        AnswerEvent answer => $"answer {answer.Text}",
        StoppedEvent stopped => $"stopped {stopped.Reason}",
        _ => "",
    }).Where(text => text.Length > 0);
}
