using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The requests by which a person is asked about a call.</summary>
internal static class ApprovalRequests
{
    /// <summary>Calls of different steps may have the same id.</summary>
    public static string IdOf(int stepId, FunctionCallContent call) => $"step {stepId}: {call.CallId}";

    public static ToolApprovalRequestContent Of(int stepId, FunctionCallContent call) => new(IdOf(stepId, call), call);
}
