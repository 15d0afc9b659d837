using System.Collections.Immutable;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What the plan's executor remembers in a checkpoint.</summary>
internal sealed record PlanProgress
{
    /// <summary>Goals and answers before.</summary>
    public ImmutableArray<ChatMessage> History { get; init; } = [];

    /// <summary>Messages that wait for their turn.</summary>
    public ImmutableArray<ChatMessage> Incoming { get; init; } = [];

    /// <summary>Whether they are to be taken up when the work that is under way has ended.</summary>
    public bool IsTurnWaiting { get; init; }

    /// <summary>Whether the turn that waits is that of an agent.</summary>
    public bool AnswersAsAgent { get; init; }

    /// <summary>Whether there is work under way.</summary>
    public bool IsBusy { get; init; }

    /// <summary>The work whose plan waits for a person.</summary>
    public RunState? InReview { get; init; }

    public Plan? ReviewedPlan { get; init; }
}
