using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The requests by which a person is asked about a call.</summary>
internal static class ApprovalRequests
{
    public static ToolApprovalRequestContent Of(RunState state, StepState step, FunctionCallContent call) => new(IdOf(state, step, call), call);

    /// <summary>The step and the call that a request is about, if it still matters.</summary>
    public static (StepState? Step, FunctionCallContent? Call) Find(RunState? state, string requestId) =>
        (from step in state?.Steps ?? []
         where step.Status == StepStatus.AwaitingApproval
         from call in step.Turns[^1].OpenCalls()
         where IdOf(state!, step, call) == requestId
         select ((StepState?)step, (FunctionCallContent?)call)).FirstOrDefault();

    /// <summary>Calls of different steps, and of different goals, may have the same id.</summary>
    private static string IdOf(RunState state, StepState step, FunctionCallContent call) => $"goal {state.GoalNumber}, step {step.Step.Id}: {call.CallId}";
}
