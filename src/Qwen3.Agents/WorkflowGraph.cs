using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Builds the workflow of the executors.</summary>
internal static class WorkflowGraph
{
    public static Workflow Build(WorkflowSetup setup)
    {
        ExecutorBinding plan = Bind(ExecutorIds.Plan, id => new PlanExecutor(id, setup));
        ExecutorBinding steps = Bind(ExecutorIds.Steps, id => new StepsExecutor(id, setup));
        ExecutorBinding answer = Bind(ExecutorIds.Answer, id => new AnswerExecutor(id, setup));
        ExecutorBinding review = RequestPort.Create<PlanReview, PlanDecision>(ExecutorIds.PlanReview).BindAsExecutor();
        ExecutorBinding approval =
            RequestPort.Create<ToolApprovalRequestContent, ToolApprovalResponseContent>(ExecutorIds.ToolApproval).BindAsExecutor();
        return new WorkflowBuilder(plan)
            .WithName(setup.Options.Name)
            .WithDescription(setup.Options.Description)
            .AddEdge(plan, review).AddEdge(review, plan)
            .AddEdge(plan, steps).AddEdge(plan, answer)
            .AddEdge(steps, steps)
            .AddEdge(steps, approval).AddEdge(approval, steps)
            .AddEdge(steps, plan).AddEdge(steps, answer)
            .AddEdge(answer, plan)
            // A final output that is no text would take the place of the text in the answer of an agent made of the workflow.
            .WithIntermediateOutputFrom([answer])
            .Build();

        // Created for each run, so that several run at once.
        static ExecutorBinding Bind<T>(string id, Func<string, T> create)
            where T : Executor => ((Func<string, string, ValueTask<T>>)((name, _) => new(create(name)))).BindExecutor(id);
    }

    /// <summary>Builds a workflow whose run is one error event.</summary>
    public static Workflow BuildFailing(Exception exception) => new WorkflowBuilder(
        ((Func<string, IWorkflowContext, CancellationToken, ValueTask>)((_, context, cancellationToken) =>
            context.AddEventAsync(new WorkflowErrorEvent(exception), cancellationToken))).BindAsExecutor(ExecutorIds.Plan)).Build();
}

/// <summary>The workflow as an agent, with the JSON options that its sessions need.</summary>
/// <param name="agent">The agent that Agent Framework makes of a workflow.</param>
internal sealed class WorkflowAgent(AIAgent agent) : DelegatingAIAgent(agent)
{
    protected override ValueTask<JsonElement> SerializeSessionCoreAsync(
        AgentSession session, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        base.SerializeSessionCoreAsync(session, jsonSerializerOptions ?? WorkflowCheckpoints.JsonOptions, cancellationToken);

    protected override ValueTask<AgentSession> DeserializeSessionCoreAsync(
        JsonElement serializedState, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        base.DeserializeSessionCoreAsync(serializedState, jsonSerializerOptions ?? WorkflowCheckpoints.JsonOptions, cancellationToken);
}
