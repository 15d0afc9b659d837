using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>
/// Has the steps carried out. It holds the running ones as tasks that outlive its handlers: each handler starts what is ready, waits for the first
/// thing worth keeping, records it and sends itself on, so that the superstep ends and a checkpoint is written. Were each step a message of the
/// workflow, a fast one's followers would wait for the slow ones beside it, and what it did would be lost with the process until those end.
/// </summary>
internal sealed class StepsExecutor(string id, WorkflowSetup setup) : Executor(id), IAsyncDisposable
{
    private const string StateKey = "steps";

    private readonly CancellationTokenSource _ended = new();
    private readonly RunningSteps _running = new(setup);
    private RunState? _state;
    private bool _isContinuing;
    // It goes on between the handlers, for so do the steps.
    private RunClock? _clock;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _running.CancelAsync().ConfigureAwait(false);
        StopClock();
    }

    protected override ProtocolBuilder ConfigureProtocol(ProtocolBuilder protocolBuilder) => protocolBuilder
        .ConfigureRoutes(routes => routes
            .AddHandler<StepsTurn>(BeginAsync)
            .AddHandler<Continue>(ContinueAsync)
            .AddHandler<ToolApprovalResponseContent>(DecideAsync))
        .SendsMessage<Continue>().SendsMessage<PlanTurn>().SendsMessage<AnswerTurn>().SendsMessage<ToolApprovalRequestContent>();

    protected override ValueTask OnCheckpointingAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
        context.QueueStateUpdateAsync(StateKey, new StepsProgress(_state, _isContinuing), cancellationToken);

    protected override async ValueTask OnCheckpointRestoredAsync(IWorkflowContext context, CancellationToken cancellationToken = default)
    {
        await _running.CancelAsync().ConfigureAwait(false);
        StopClock();
        StepsProgress? progress = await context.ReadStateAsync<StepsProgress>(StateKey, cancellationToken).ConfigureAwait(false);
        _state = progress?.State is { } state ? state with { Steps = [.. state.Steps.Select(step => step.Restored())] } : null;
        _isContinuing = progress?.IsContinuing ?? false;
        if (_state is not null && setup.Resumption is not null)
        {
            // All steps may wait for a person, and it is to be told all the same.
            await ContinueSoonAsync(context, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask BeginAsync(StepsTurn turn, IWorkflowContext context, CancellationToken cancellationToken)
    {
        _state = turn.State;
        return AdvanceAsync(context, cancellationToken);
    }

    private ValueTask ContinueAsync(Continue message, IWorkflowContext context, CancellationToken cancellationToken)
    {
        _isContinuing = false;
        return _state is null ? default : AdvanceAsync(context, cancellationToken);
    }

    private async ValueTask DecideAsync(ToolApprovalResponseContent decision, IWorkflowContext context, CancellationToken cancellationToken)
    {
        if (_state?.StepOfRequest(decision.RequestId) is not { } step)
        {
            // The workflow was stopped before the person decided, or the request was answered before.
            return;
        }

        step = step.WithDecision(decision);
        bool isComplete = step.Turns[^1].Requests.IsEmpty;
        _state = _state.With(isComplete ? step with { Status = StepStatus.Running } : step);
        await GoOnAsync(context, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask AdvanceAsync(IWorkflowContext context, CancellationToken cancellationToken)
    {
        RunState state = _state!;
        await setup.ReportResumedAsync(state, context, cancellationToken).ConfigureAwait(false);
        RunClock clock = _clock ??= new(setup.Options.TimeProvider, setup.Limits, state.Elapsed, _ended.Token);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            ended.Token.ThrowIfCancellationRequested();
            state = await _running.StartAsync(state, context, cancellationToken).ConfigureAwait(false);
            if (_running.Count > 0)
            {
                state = await _running.RecordNextAsync(state, context, ended.Token, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (clock.IsExpired && !cancellationToken.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            state = state.StoppedByTime(setup.Limits, "before all steps were done");
        }
        finally
        {
            _state = state with { Elapsed = clock.Elapsed };
            if (cancellationToken.IsCancellationRequested)
            {
                await _running.CancelAsync().ConfigureAwait(false);
            }
        }

        await GoOnAsync(context, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask GoOnAsync(IWorkflowContext context, CancellationToken cancellationToken)
    {
        RunState state = _state!;
        if (state.Stop is null && state.Tokens >= setup.Limits.MaxTokens)
        {
            state = state.Stopped(
                StopReason.Tokens,
                $"The models have computed {state.Tokens} tokens, and {setup.Limits.MaxTokens} are allowed. Raise MaxTokens if it needs more.");
        }

        if (state.Stop is not null)
        {
            state = await _running.EndAsync(state, context, cancellationToken).ConfigureAwait(false);
            await EndAsync(new AnswerTurn(state)).ConfigureAwait(false);
        }
        else if (_running.Count > 0 || RunningSteps.Next(state).Any())
        {
            await ContinueSoonAsync(context, cancellationToken).ConfigureAwait(false);
        }
        else if (!state.Current.Any(step => step.Status == StepStatus.AwaitingApproval))
        {
            await EndAsync(After(state)).ConfigureAwait(false);
        }
        else
        {
            // All wait for a person.
            StopClock();
        }

        async ValueTask EndAsync(object turn)
        {
            await _running.CancelAsync().ConfigureAwait(false);
            StopClock();
            _state = null;
            await context.SendMessageAsync(turn, turn is PlanTurn ? ExecutorIds.Plan : ExecutorIds.Answer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ContinueSoonAsync(IWorkflowContext context, CancellationToken cancellationToken)
    {
        if (!_isContinuing)
        {
            _isContinuing = true;
            await context.SendMessageAsync(new Continue(), Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private void StopClock()
    {
        _clock?.Dispose();
        _clock = null;
    }

    /// <summary>What comes when no step can go on.</summary>
    private object After(RunState state)
    {
        if (state.Current.FirstOrDefault(step => step.Status == StepStatus.Failed) is not { } failed)
        {
            return new AnswerTurn(state);
        }

        int replans = setup.Limits.MaxReplans;
        return state.Replans < replans ? new PlanTurn(state) : new AnswerTurn(state.Stopped(
            StopReason.Replans,
            $"Step {failed.Step.Id} ({failed.Step.Task}) has failed, and a new plan was made as often as is allowed ({replans}): {failed.Error}"));
    }
}

/// <summary>The state of <see cref="StepsExecutor"/> in a checkpoint.</summary>
/// <param name="State">The work under way, if any.</param>
/// <param name="IsContinuing">Whether a message to go on is on its way.</param>
internal sealed record StepsProgress(RunState? State, bool IsContinuing);
