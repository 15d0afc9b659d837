using Microsoft.Agents.AI.Workflows;

namespace Qwen3.Agents;

/// <summary>That a run goes on from a checkpoint. Whoever of its executors first goes on with the work tells how far it is.</summary>
internal sealed class Resumption
{
    private int _isTold;

    public bool IsTold => Volatile.Read(ref _isTold) != 0;

    public ValueTask TellAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isTold, 1) == 0
            ? context.AddEventAsync(new ResumedEvent(state.Plan, state.StepResults()), cancellationToken)
            : default;
}
