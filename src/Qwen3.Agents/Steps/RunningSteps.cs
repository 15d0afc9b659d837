using System.Threading.Channels;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The running steps and their signals.</summary>
internal sealed class RunningSteps(WorkflowSetup setup)
{
    private readonly Dictionary<int, Task> _tasks = [];
    private CancellationTokenSource _cancellation = new();
    private Channel<StepSignal> _signals = Channel.CreateUnbounded<StepSignal>();

    public int Count => _tasks.Count;

    /// <summary>What is to be started: nothing new once a step has failed, for another plan is to come.</summary>
    public static IEnumerable<StepState> Next(RunState state)
    {
        bool hasFailed = state.Current.Any(step => step.Status == StepStatus.Failed);
        return state.Current.Where(step => step.Status == StepStatus.Running || (!hasFailed && state.IsReady(step)));
    }

    public async ValueTask<RunState> StartAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken)
    {
        foreach (StepState next in Next(state).Where(step => !_tasks.ContainsKey(step.Step.Id)).Take(setup.Limits.MaxParallelSteps - Count).ToArray())
        {
            StepState step = next.Status == StepStatus.Running ? next : next.Begun();
            state = state.With(step);
            await context.AddEventAsync(new StepStartedEvent(step.Step, step.Attempts), cancellationToken).ConfigureAwait(false);
            var runner = new StepRunner(setup, state, step, _signals.Writer);
            CancellationToken ended = _cancellation.Token;
            _tasks[step.Step.Id] = Task.Run(() => runner.RunAsync(ended), CancellationToken.None);
        }

        return state;
    }

    /// <summary>
    /// Shows what the steps tell until something comes that is to be kept, and records that. The first of the tokens ends the waiting alone: what has
    /// come is recorded all the same.
    /// </summary>
    public async ValueTask<RunState> RecordNextAsync(
        RunState state, IWorkflowContext context, CancellationToken ended, CancellationToken cancellationToken)
    {
        StepSignal signal;
        do
        {
            signal = await _signals.Reader.ReadAsync(ended).ConfigureAwait(false);
            state = await RecordAsync(state, state[signal.StepId], signal, context, cancellationToken).ConfigureAwait(false);
        }
        while (signal is StepSignal.Shown);
        return state;
    }

    /// <summary>Cancels all steps, and records what they had done.</summary>
    public async ValueTask<RunState> EndAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken)
    {
        ChannelReader<StepSignal> told = _signals.Reader;
        await CancelAsync().ConfigureAwait(false);
        while (told.TryRead(out StepSignal? signal))
        {
            if (signal is StepSignal.Shown or StepSignal.Answered or StepSignal.Called or StepSignal.Done or StepSignal.Refused)
            {
                state = await RecordAsync(state, state[signal.StepId], signal, context, cancellationToken).ConfigureAwait(false);
            }
        }

        return state;
    }

    /// <summary>Cancels all steps, and discards their signals.</summary>
    public async ValueTask CancelAsync()
    {
        await _cancellation.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_tasks.Values).ConfigureAwait(false);
        _tasks.Clear();
        _cancellation.Dispose();
        _cancellation = new();
        _signals = Channel.CreateUnbounded<StepSignal>();
    }

    private async ValueTask<RunState> RecordAsync(
        RunState state, StepState step, StepSignal signal, IWorkflowContext context, CancellationToken cancellationToken)
    {
        if (signal is StepSignal.Done or StepSignal.Refused or StepSignal.Failed or StepSignal.NeedsApproval && _tasks.Remove(step.Step.Id, out Task? task))
        {
            await task.ConfigureAwait(false);
        }

        switch (signal)
        {
            case StepSignal.Shown shown:
                await context.AddEventAsync(shown.Event, cancellationToken).ConfigureAwait(false);
                return state;
            case StepSignal.Answered answered:
                return state.With(answered.Message is { } message ? step.WithTurn(message) : step).Used(answered.Usage);
            case StepSignal.Called called:
                var result = new ResultEvent(step.Step.Id, called.Result.Content, called.Result.HasFailed);
                await context.AddEventAsync(result, cancellationToken).ConfigureAwait(false);
                return state.With(step.WithResult(called.Result));
            case StepSignal.NeedsApproval approval:
                foreach (FunctionCallContent call in approval.Calls)
                {
                    step = step.WithRequest(call, out ToolApprovalRequestContent request);
                    await context.AddEventAsync(new ApprovalRequestedEvent(step.Step.Id, request), cancellationToken).ConfigureAwait(false);
                    await context.SendMessageAsync(request, ExecutorIds.ToolApproval, cancellationToken).ConfigureAwait(false);
                }

                return state.With(step with { Status = StepStatus.AwaitingApproval });
            case StepSignal.Done done:
                await context.AddEventAsync(new StepDoneEvent(step.Step, done.Result), cancellationToken).ConfigureAwait(false);
                return state.With(step with { Status = StepStatus.Done, Result = done.Result, Error = null });
            case StepSignal.Refused refused:
                await context.AddEventAsync(new StepRefusedEvent(step.Step, refused.Reason), cancellationToken).ConfigureAwait(false);
                return state.With(step with { Status = StepStatus.Refused, Error = refused.Reason });
            case StepSignal.Failed failed:
                bool willRetry = step.Attempts < setup.Limits.MaxAttempts;
                var failure = new StepFailedEvent(step.Step, step.Attempts, failed.Error, willRetry);
                await context.AddEventAsync(failure, cancellationToken).ConfigureAwait(false);
                step = willRetry ? step.ForRetry() with { Status = StepStatus.Waiting } : step with { Status = StepStatus.Failed };
                return state.With(step with { Error = failed.Error });
            default:
                throw new InvalidOperationException($"A step told {signal.GetType().Name}, which is not known here.");
        }
    }
}
