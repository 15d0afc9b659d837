using System.Collections.Immutable;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>All that is known of a step; enough to go on with it in another process.</summary>
internal sealed record StepState(PlanStep Step)
{
    public StepStatus Status { get; init; }

    public int Attempts { get; init; }

    public string? Result { get; init; }

    public string? Error { get; init; }

    /// <summary>The conversation of the step so far.</summary>
    public ImmutableArray<StepTurn> Turns { get; init; } = [];

    /// <summary>Whether it belongs to an earlier plan and is no part of this one.</summary>
    public bool IsReplaced { get; init; }

    public StepState Replaced() => this with { IsReplaced = true, Status = Status == StepStatus.Failed ? Status : StepStatus.Dropped };

    public StepState WithTurn(ChatMessage message) => this with { Turns = Turns.Add(new(message)) };

    public StepState WithResult(CallResult result)
    {
        StepTurn last = Turns[^1];
        return this with { Turns = Turns.SetItem(Turns.Length - 1, last with { Results = last.Results.SetItem(result.Content.CallId, result) }) };
    }

    public StepState WithDecision(string callId, ToolApprovalResponseContent decision)
    {
        StepTurn last = Turns[^1];
        return this with { Turns = Turns.SetItem(Turns.Length - 1, last with { Decisions = last.Decisions.SetItem(callId, decision) }) };
    }

    /// <summary>Without what failed and what followed from it: what succeeded is not done again.</summary>
    public StepState ForRetry()
    {
        int failed = Turns.ToList().FindIndex(turn => turn.Failure() is not null);
        if (failed < 0)
        {
            // The model's own answer was at fault, if it was one.
            return Turns is [.., { } last] && !last.Calls().Any() ? this with { Turns = Turns.RemoveAt(Turns.Length - 1) } : this;
        }

        StepTurn turn = Turns[failed];
        IEnumerable<string> again = turn.Results.Where(result => result.Value.HasFailed).Select(result => result.Key);
        return this with { Turns = Turns[..failed].Add(turn with { Results = turn.Results.RemoveRange(again) }) };
    }

    public StepResult ToResult() => new(Step, Status, Attempts, Result, Error);
}
