using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What a running step tells the executor that holds it.</summary>
internal abstract record StepSignal(int StepId)
{
    /// <summary>Something to show and not to keep.</summary>
    public sealed record Shown(int StepId, Qwen3WorkflowEvent Event) : StepSignal(StepId);

    /// <summary>The model has answered, with calls or in words; there is no message where that is of no use.</summary>
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
