using System.Diagnostics;
using System.Text;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Requests the answer from the results, or describes what was achieved and why the work stopped.</summary>
internal sealed class AnswerExecutor(string id, WorkflowSetup setup) : Executor(id)
{
    protected override ProtocolBuilder ConfigureProtocol(ProtocolBuilder protocolBuilder) => protocolBuilder
        .ConfigureRoutes(routes => routes.AddHandler<AnswerTurn>(AnswerAsync).AddHandler<ReplayResult>(ReplayAsync))
        .SendsMessage<TurnEnd>()
        .YieldsOutput<Qwen3WorkflowResult>();

    private async ValueTask AnswerAsync(AnswerTurn turn, IWorkflowContext context, CancellationToken cancellationToken)
    {
        RunState state = turn.State;
        await setup.ReportResumedAsync(state, context, cancellationToken).ConfigureAwait(false);
        string answer = "";
        if (state.Stop is null)
        {
            (state, answer) = await WriteAsync(state, context, cancellationToken).ConfigureAwait(false);
        }

        if (state.Stop is not null)
        {
            answer = Describe(state);
            if (state.AnswersAsAgent)
            {
                await new AgentAnswer(Id, setup.Options.Name).ShowAsync(context, answer, cancellationToken).ConfigureAwait(false);
            }
        }

        await TellAsync(state, answer, context, cancellationToken).ConfigureAwait(false);
        await context.SendMessageAsync(new TurnEnd(state.WithoutConversations(), answer), ExecutorIds.Plan, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReplayAsync(ReplayResult again, IWorkflowContext context, CancellationToken cancellationToken)
    {
        await setup.ReportResumedAsync(again.State, context, cancellationToken).ConfigureAwait(false);
        if (again.Answer is { } answer)
        {
            await TellAsync(again.State, answer, context, cancellationToken).ConfigureAwait(false);
            if (again.Halts)
            {
                await context.RequestHaltAsync().ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask TellAsync(RunState state, string answer, IWorkflowContext context, CancellationToken cancellationToken)
    {
        Qwen3WorkflowEvent end = state.Stop is { } reason ? new StoppedEvent(reason, state.StopMessage!) : new AnswerEvent(answer);
        await context.AddEventAsync(end, cancellationToken).ConfigureAwait(false);
        await context.YieldOutputAsync(state.ToResult(answer), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(RunState State, string Answer)> WriteAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken)
    {
        (IChatClient client, ChatOptions options) = setup.Options.AnswerWriter == AnswerWriter.Planner
            ? (setup.Planner.Client, setup.Options.PlannerChatOptions.Clone())
            : (setup.Executor.Client, setup.Options.ExecutorChatOptions.Clone());
        options.Instructions = setup.Prompts.Answer;
        using var clock = new RunClock(setup.Options.TimeProvider, setup.Limits, state.Elapsed, cancellationToken);
        using Activity? activity = setup.Telemetry.StartAnswer(state.Trace);
        List<ChatResponseUpdate> updates = [];
        var asAgent = new AgentAnswer(Id, setup.Options.Name);
        try
        {
            List<ChatMessage> messages = Conversation.OfAnswer(setup.Prompts, state);
            await foreach (ChatResponseUpdate update in client
                .GetStreamingResponseAsync(messages, setup.Limit(options, state.Tokens), clock.Token).ConfigureAwait(false))
            {
                updates.Add(update);
                if (state.AnswersAsAgent)
                {
                    await asAgent.ShowAsync(context, update.Contents, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                foreach (Qwen3WorkflowEvent shown in ShownContents.Events(stepId: null, update.Contents))
                {
                    await context.AddEventAsync(shown, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (clock.IsExpired && !cancellationToken.IsCancellationRequested)
        {
            state = state.StoppedByTime(setup.Limits, "before the answer was written");
        }
        // A client's own timeout is a failure of the client.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            setup.Log.AnswerFailed(e);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            state = state.Stopped(StopReason.NoAnswer, e.Message);
        }

        ChatResponse response = updates.ToChatResponse();
        state = state.Used(response.Usage) with { Elapsed = clock.Elapsed };
        string text = response.Text.Trim();
        if (state.Stop is null && (text.Length == 0 || response.FinishReason == ChatFinishReason.Length))
        {
            string cut = text.Length == 0 ? "The model returned an empty answer." : $"The answer is cut off: {text}";
            state = state.Tokens >= setup.Limits.MaxTokens
                ? state.Stopped(StopReason.Tokens, $"{cut} The models have computed the {setup.Limits.MaxTokens} tokens that are allowed. Raise MaxTokens.")
                : state.Stopped(StopReason.NoAnswer, $"{cut} Let its writer have more tokens (MaxOutputTokens), or a larger context.");
        }

        return (state, text);
    }

    private static string Describe(RunState state)
    {
        var text = new StringBuilder($"The goal was not reached. {state.StopMessage}");
        string done = AgentPrompts.Lines(state.Results());
        if (done.Length > 0)
        {
            text.Append("\n\nDone:\n").Append(done);
        }

        string partly = AgentPrompts.Lines(state.Steps
            .Where(step => !step.HasEnded && step.DoneCalls().Any())
            .Select(step => (step.Step.Id, string.Join('\n', [step.Step.Task, .. step.DoneCalls()]))));
        if (partly.Length > 0)
        {
            text.Append("\n\nDone in steps that did not end:\n").Append(partly);
        }

        string left = string.Join('\n', state.Current.Where(step => step.Status != StepStatus.Done).Select(step =>
            $"{step.Step.Id}. {step.Step.Task}{(step.Error is { } error ? $" ({error})" : "")}"));
        return left.Length == 0 ? $"{text}" : text.Append("\n\nNot done:\n").Append(left).ToString();
    }
}
