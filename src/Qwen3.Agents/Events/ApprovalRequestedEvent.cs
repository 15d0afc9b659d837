using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A call waits for a person to approve it. The <c>RequestInfoEvent</c> that is to be answered follows.</summary>
/// <param name="stepId">The step.</param>
/// <param name="request">What the person is asked.</param>
public sealed class ApprovalRequestedEvent(int stepId, ToolApprovalRequestContent request) : Qwen3WorkflowEvent(request)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets what the person is asked, with the call.</summary>
    public ToolApprovalRequestContent Request { get; } = request;
}
