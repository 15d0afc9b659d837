using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>
/// Carries out one step: the model answers and its calls are made, by turns, until it answers in words. What happens is told as signals.
/// </summary>
internal sealed class StepRunner(WorkflowSetup setup, RunState run, StepState step, ChannelWriter<StepSignal> signals)
{
    private readonly ToolCaller _caller = new(setup);
    private StepState _step = step;
    private RunState _run = run;

    private int Id => _step.Step.Id;

    /// <summary>Ends without an exception, whatever happens.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using Activity? activity = setup.Telemetry.StartStep(_run.Trace, _step);
        StepSignal end;
        try
        {
            end = await CarryOutAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            setup.Log.StepFailed(e, Id);
            end = new StepSignal.Failed(Id, e.Message);
        }

        if (end is StepSignal.Failed failed)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failed.Error);
        }

        signals.TryWrite(end);
    }

    private async Task<StepSignal> CarryOutAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_step.Turns is [.., { } last])
            {
                if (!last.Calls().Any())
                {
                    return Judge(last.Message.Text);
                }

                int rounds = setup.Executor.Options.MaxRounds;
                if (last.OpenCalls().Any() && _step.Turns.Length - _step.TurnsBefore > rounds)
                {
                    string tooMany = $"The model calls functions after {rounds} rounds of calls. Raise MaxRounds.";
                    return new StepSignal.Failed(Id, tooMany);
                }

                FunctionCallContent[] undecided =
                    [.. last.OpenCalls().Where(call => _caller.NeedsApproval(call) && !last.Decisions.ContainsKey(call.CallId))];
                await Task.WhenAll(last.OpenCalls().Except(undecided).Select(call => CallAsync(call, last, cancellationToken))).ConfigureAwait(false);
                if (undecided.Length > 0)
                {
                    return new StepSignal.NeedsApproval(Id, undecided);
                }
            }

            if (await AskAsync(cancellationToken).ConfigureAwait(false) is { } error)
            {
                return new StepSignal.Failed(Id, error);
            }
        }
    }

    private async Task CallAsync(FunctionCallContent call, StepTurn turn, CancellationToken cancellationToken)
    {
        CallResult result = await _caller.CallAsync(call, turn.Decisions.GetValueOrDefault(call.CallId), cancellationToken).ConfigureAwait(false);
        lock (_caller)
        {
            _step = _step.WithResult(result);
        }

        signals.TryWrite(new StepSignal.Called(Id, result));
    }

    /// <returns>What is wrong with the answer, if there is something.</returns>
    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        List<ChatResponseUpdate> updates = [];
        ChatOptions options = setup.Limit(setup.Executor.Options.ToChatOptions(), _run.Tokens);
        await foreach (ChatResponseUpdate update in setup.Executor.Client
            .GetStreamingResponseAsync(Conversation.OfStep(setup.Prompts, _run, _step), options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            foreach (Qwen3WorkflowEvent shown in ShownContents.Events(Id, update.Contents))
            {
                signals.TryWrite(new StepSignal.Shown(Id, shown));
            }
        }

        ChatResponse response = updates.ToChatResponse();
        _run = _run.Used(response.Usage);
        if (response.FinishReason == ChatFinishReason.Length)
        {
            signals.TryWrite(new StepSignal.Answered(Id, Message: null, response.Usage));
            return "The model's answer is cut off at the maximum number of tokens. " +
                "Raise MaxOutputTokens of the executor, or use a larger context.";
        }

        AIContent[] contents = [.. response.Messages.SelectMany(part => part.Contents)];
        var message = new ChatMessage(ChatRole.Assistant, contents) { AuthorName = setup.Executor.Name };
        _step = _step.WithTurn(message);
        signals.TryWrite(new StepSignal.Answered(Id, message, response.Usage));
        return null;
    }

    private StepSignal Judge(string text)
    {
        text = text.Trim();
        string mark = setup.Prompts.FailureMark;
        // Whatever the model makes of a call that failed last, the step has not been carried out.
        StepTurn? calls = _step.Turns.LastOrDefault(turn => turn.Calls().Any());
        CallResult? failure = calls?.Failure();
        FunctionCallContent? refused = calls?.RefusedCalls().FirstOrDefault();
        return failure is not null ? new StepSignal.Failed(Id, $"{failure.Content.Result}")
            : refused is not null ? new StepSignal.Refused(Id, Refusal(refused, calls!.Decisions.GetValueOrDefault(refused.CallId)?.Reason))
            : mark.Length > 0 && text.StartsWith(mark, StringComparison.OrdinalIgnoreCase) ? new StepSignal.Failed(Id, text[mark.Length..].Trim())
            : text.Length == 0 ? new StepSignal.Failed(Id, "The model returned an empty answer.")
            : new StepSignal.Done(Id, text);
    }

    private static string Refusal(FunctionCallContent call, string? reason) =>
        $"The user refused the call of {call.Name}.{(string.IsNullOrWhiteSpace(reason) ? "" : $" {reason}")}";
}

/// <summary>A signal from a running step to <see cref="RunningSteps"/>.</summary>
internal abstract record StepSignal(int StepId)
{
    /// <summary>Something to show and not to keep.</summary>
    public sealed record Shown(int StepId, Qwen3WorkflowEvent Event) : StepSignal(StepId);

    /// <summary>The model has answered, with calls or with text; the message is absent where it is not needed.</summary>
    public sealed record Answered(int StepId, ChatMessage? Message, UsageDetails? Usage) : StepSignal(StepId);

    /// <summary>A call has come to its end.</summary>
    public sealed record Called(int StepId, CallResult Result) : StepSignal(StepId);

    /// <summary>The step has ended for now: a person is to decide on calls.</summary>
    public sealed record NeedsApproval(int StepId, IReadOnlyList<FunctionCallContent> Calls) : StepSignal(StepId);

    /// <summary>The step has ended with a result.</summary>
    public sealed record Done(int StepId, string Result) : StepSignal(StepId);

    /// <summary>The step has ended, because a person refused a call.</summary>
    public sealed record Refused(int StepId, string Reason) : StepSignal(StepId);

    /// <summary>The attempt has failed.</summary>
    public sealed record Failed(int StepId, string Error) : StepSignal(StepId);
}
