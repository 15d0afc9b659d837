using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The state of a step, sufficient to continue it in another process.</summary>
internal sealed record StepState(PlanStep Step) : IJsonOnDeserialized
{
    public StepStatus Status { get; init; }

    public int Attempts { get; init; }

    public string? Result { get; init; }

    public string? Error { get; init; }

    /// <summary>The conversation of the step so far.</summary>
    public ImmutableArray<StepTurn> Turns { get; init; } = [];

    /// <summary>How many of the answers in it are of the attempts before.</summary>
    public int TurnsBefore { get; init; }

    /// <summary>Whether it belongs to an earlier plan and is no part of this one.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>Gets a value indicating whether steps that depend on this one can begin.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is StepStatus.Done or StepStatus.Refused;

    /// <summary>Returns the calls that succeeded, each in a sentence.</summary>
    public IEnumerable<string> DoneCalls() =>
        from turn in Turns
        from call in turn.Calls()
        let result = turn.Results.GetValueOrDefault(call.CallId)
        where result is { HasFailed: false, IsRefused: false }
        select $"{call.Name} was called, and answered: {result.Content.Result}";

    public StepState Replaced() => this with { IsReplaced = true, Status = Status == StepStatus.Failed ? Status : StepStatus.Dropped };

    public StepState Begun() => this with { Status = StepStatus.Running, Attempts = Attempts + 1, TurnsBefore = Turns.Length };

    public StepState WithTurn(ChatMessage message) => this with { Turns = Turns.Add(new(message)) };

    public StepState WithResult(CallResult result)
    {
        StepTurn last = Turns[^1];
        return WithLast(last with { Results = last.Results.SetItem(result.Content.CallId, result) });
    }

    public StepState WithRequest(FunctionCallContent call, out ToolApprovalRequestContent request)
    {
        StepTurn last = Turns[^1];
        request = new($"approval_{Guid.NewGuid():N}", call);
        return WithLast(last with { Requests = last.Requests.Add(request.RequestId, call.CallId) });
    }

    /// <summary>Records the decision about the call that a pending request is about, which then is not pending any more.</summary>
    public StepState WithDecision(ToolApprovalResponseContent response)
    {
        StepTurn last = Turns[^1];
        var decision = new ApprovalDecision(response.Approved, response.Reason);
        return WithLast(last with
        {
            Requests = last.Requests.Remove(response.RequestId),
            Decisions = last.Decisions.SetItem(last.Requests[response.RequestId], decision),
        });
    }

    /// <summary>Without the calls that failed last, or the answer that was at fault: what succeeded is not done again, nor what was approved unasked.</summary>
    public StepState ForRetry()
    {
        int last = Turns.ToList().FindLastIndex(turn => turn.Calls().Any());
        if (last >= 0 && Turns[last].Failure() is not null)
        {
            StepTurn turn = Turns[last];
            string[] again = [.. turn.Results.Where(result => result.Value.HasFailed).Select(result => result.Key)];
            turn = turn with { Results = turn.Results.RemoveRange(again), Decisions = turn.Decisions.RemoveRange(again) };
            return this with { Turns = Turns[..last].Add(turn) };
        }

        // An answer in words, or calls none of which was made: the model answers anew.
        return Turns is [.., { Results.IsEmpty: true }] ? this with { Turns = Turns.RemoveAt(Turns.Length - 1) } : this;
    }

    /// <summary>As it is in another process, where nobody knows whether the calls that were approved have been made.</summary>
    public StepState Restored()
    {
        if (Status != StepStatus.Running || Turns is not [.., { } last])
        {
            return this;
        }

        string[] open = [.. last.OpenCalls().Select(call => call.CallId).Where(id => last.Decisions.GetValueOrDefault(id) is { Approved: true })];
        return WithLast(last with { Decisions = last.Decisions.RemoveRange(open) });
    }

    public StepResult ToResult() => new(Step, Status, Attempts, Result, Error);

    void IJsonOnDeserialized.OnDeserialized()
    {
        Stored.Require(Step is { Task: not null }, "A step has no task.");
        Stored.Require(!Turns.IsDefault && !Turns.Contains(null!), $"The conversation of step {Step.Id} is missing.");
        Stored.Require(
            Attempts >= 0 && TurnsBefore >= 0 && TurnsBefore <= Turns.Length && Enum.IsDefined(Status),
            $"A number of step {Step.Id} is out of range.");
        Stored.Require(Status != StepStatus.Done || Result is not null, $"Step {Step.Id} is done and has no result.");
    }

    private StepState WithLast(StepTurn turn) => this with { Turns = Turns.SetItem(Turns.Length - 1, turn) };
}
