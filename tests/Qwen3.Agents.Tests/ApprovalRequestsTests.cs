using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>Which call a person's decision is about.</summary>
public sealed class ApprovalRequestsTests
{
    [Fact]
    public void A_decision_about_a_call_of_an_earlier_goal_is_about_no_other()
    {
        // Some servers call the first call of each answer the same.
        var call = new FunctionCallContent("call_0", "f");
        var step = new StepState(new PlanStep(1, "Do it", [])) { Status = StepStatus.AwaitingApproval, Turns = [new(new(ChatRole.Assistant, [call]))] };
        var first = new RunState("First") { GoalNumber = 1, Steps = [step] };
        RunState second = first with { Goal = "Second", GoalNumber = 2 };
        ToolApprovalRequestContent request = ApprovalRequests.Of(first, step, call);
        Assert.Same(call, ApprovalRequests.Find(first, request.RequestId).Call);
        Assert.Null(ApprovalRequests.Find(second, request.RequestId).Call);
    }
}
