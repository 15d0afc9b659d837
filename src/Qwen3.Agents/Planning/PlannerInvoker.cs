using System.Diagnostics;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Requests a plan from the planner within the limits, and emits its reasoning.</summary>
internal sealed class PlannerInvoker(WorkflowSetup setup)
{
    /// <summary>A failure stops the run, not the process.</summary>
    public async Task<PlanOutcome> AskAsync(
        RunState state, List<ChatMessage> messages, IWorkflowContext context, CancellationToken ended, CancellationToken cancellationToken)
    {
        using var clock = new RunClock(setup.Options.TimeProvider, setup.Limits, state.Elapsed, cancellationToken, ended);
        using Activity? activity = setup.Telemetry.StartPlan(state.Trace);
        List<AgentResponseUpdate> updates = [];
        Plan? plan = null;
        try
        {
            await foreach (AgentResponseUpdate update in setup.Planner
                .RunStreamingAsync(messages, options: Options(state), cancellationToken: clock.Token).ConfigureAwait(false))
            {
                updates.Add(update);
                foreach (ReasoningEvent reasoning in ShownContents.Events(stepId: null, update.Contents).OfType<ReasoningEvent>())
                {
                    await context.AddEventAsync(reasoning, cancellationToken).ConfigureAwait(false);
                }
            }

            plan = state.Read(Plan.Parse(updates.ToAgentResponse().Text, state.Goal));
        }
        catch (OperationCanceledException) when (clock.IsExpired && !cancellationToken.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            state = state.StoppedByTime(setup.Limits, "before there was a plan");
        }
        // A client's own timeout is a failure of the client.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            setup.Log.PlannerFailed(e);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            state = state.Stopped(StopReason.NoPlan, e.Message);
        }

        AgentResponse response = updates.ToAgentResponse();
        return new(
            state.Used(response.Usage) with { Elapsed = clock.Elapsed },
            plan,
            string.Concat(response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.Text)));
    }

    private ChatClientAgentRunOptions Options(RunState state) =>
        new(setup.Limit(new() { MaxOutputTokens = setup.Options.PlannerChatOptions.MaxOutputTokens }, state.Tokens))
        {
            ChatClientFactory = _ => new PlanningChatClient(setup.Planner.Client, setup.Planner.Options, state.Read),
        };
}

/// <summary>The result of a request to the planner.</summary>
/// <param name="State">The work, with what it took; stopped if there is no plan.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Reasoning">The planner's reasoning.</param>
internal sealed record PlanOutcome(RunState State, Plan? Plan, string Reasoning);
