using System.Diagnostics;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Asks the planner within the limits, and shows what it thinks.</summary>
internal sealed class PlanAsker(WorkflowSetup setup)
{
    /// <summary>What goes wrong stops the work and not the process.</summary>
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
                foreach (ReasoningEvent reasoning in EventsOf.Update(stepId: null, update.Contents).OfType<ReasoningEvent>())
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
        // A client's own time limit is one of its failures.
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
