using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The requests by which a person is asked about a call.</summary>
internal static class ApprovalRequests
{
    /// <summary>Calls of different steps may have the same id.</summary>
    public static string IdOf(int stepId, FunctionCallContent call) => $"step {stepId}: {call.CallId}";

    public static ToolApprovalRequestContent Of(int stepId, FunctionCallContent call) => new(IdOf(stepId, call), call);

    /// <summary>The step and the call that a request is about, if it still matters.</summary>
    public static (StepState? Step, FunctionCallContent? Call) Find(RunState? state, string requestId) =>
        (from step in state?.Steps ?? []
         where step.Status == StepStatus.AwaitingApproval
         from call in step.Turns[^1].OpenCalls()
         where IdOf(step.Step.Id, call) == requestId
         select ((StepState?)step, (FunctionCallContent?)call)).FirstOrDefault();
}
