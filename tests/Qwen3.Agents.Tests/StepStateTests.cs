using System.Collections.Immutable;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>What of a step is done again, and what is not.</summary>
public sealed class StepStateTests
{
    [Fact]
    public void What_succeeded_after_a_failure_is_not_done_again()
    {
        // The model has seen its mistake, looked the right thing up and sent the mail; then it said that it could not.
        StepState step = Step(Turn(("a", true)), Turn(("b", false)), Turn(("mail", false)), Words("FAILED: no idea"));
        StepState again = step.ForRetry();
        Assert.Equal([["a"], ["b"], ["mail"]], again.Turns.Select(turn => turn.Results.Keys.ToArray()));
    }

    [Fact]
    public void Of_the_last_calls_those_that_failed_are_made_again_and_asked_about_again()
    {
        StepTurn calls = Turn(("done", false), ("failed", true)) with
        {
            Decisions = ImmutableDictionary<string, ApprovalDecision>.Empty.Add("done", Approval(true)).Add("failed", Approval(true)),
        };
        StepTurn last = Step(Turn(("first", true)), calls, Words("It did not work.")).ForRetry().Turns[^1];
        Assert.Equal(["failed"], last.OpenCalls().Select(call => call.CallId));
        Assert.Equal(["done"], last.Decisions.Keys);
    }

    [Fact]
    public void Calls_of_which_none_was_made_are_not_kept()
    {
        // The answer was cut off, or there were too many rounds.
        var open = new StepTurn(new(ChatRole.Assistant, [new FunctionCallContent("open", "f")]));
        Assert.Equal(["a"], Step(Turn(("a", false)), open).ForRetry().Turns.Select(turn => Assert.Single(turn.Calls()).CallId));
    }

    [Fact]
    public void A_call_that_may_have_been_made_in_another_process_is_asked_about_again()
    {
        StepTurn calls = new(new(ChatRole.Assistant, [new FunctionCallContent("yes", "f"), new FunctionCallContent("no", "f")]))
        {
            Decisions = ImmutableDictionary<string, ApprovalDecision>.Empty.Add("yes", Approval(true)).Add("no", Approval(false)),
        };
        StepState running = Step(calls) with { Status = StepStatus.Running };
        Assert.Equal(["no"], running.Restored().Turns[^1].Decisions.Keys);
        // Here the other call waits for its decision, so that none was made.
        StepState waiting = running with { Status = StepStatus.AwaitingApproval };
        Assert.Equal(2, waiting.Restored().Turns[^1].Decisions.Count);
    }

    [Fact]
    public void A_response_to_an_earlier_approval_request_decides_nothing()
    {
        var call = new FunctionCallContent("call", "f");
        StepState step = Step(new StepTurn(new(ChatRole.Assistant, [call]))) with { Status = StepStatus.AwaitingApproval };
        StepState asked = step.WithRequest(call, out ToolApprovalRequestContent first);
        Assert.Same(call, first.ToolCall);
        Assert.NotNull(new RunState("Goal") { Steps = [asked] }.StepOfRequest(first.RequestId));

        // The same call is asked about again, after it failed, after the process was restarted or for another goal.
        StepState again = step.WithRequest(call, out ToolApprovalRequestContent second);
        RunState state = new("Goal") { Steps = [again] };
        Assert.Null(state.StepOfRequest(first.RequestId));
        Assert.NotNull(state.StepOfRequest(second.RequestId));

        StepState decided = again.WithDecision(second.CreateResponse(approved: false));
        Assert.Null(new RunState("Goal") { Steps = [decided] }.StepOfRequest(second.RequestId));
        Assert.False(decided.Turns[0].Decisions["call"].Approved);
    }

    private static StepState Step(params ImmutableArray<StepTurn> turns) => new(new PlanStep(1, "Do it", [])) { Turns = turns };

    private static StepTurn Words(string text) => new(new(ChatRole.Assistant, text));

    private static StepTurn Turn(params (string Id, bool HasFailed)[] calls) =>
        new(new(ChatRole.Assistant, [.. calls.Select(call => new FunctionCallContent(call.Id, "f"))]))
        {
            Results = calls.ToImmutableDictionary(call => call.Id, call => new CallResult(new(call.Id, "result"), call.HasFailed)),
        };

    private static ApprovalDecision Approval(bool approved) => new(approved, null);
}
