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

    /// <summary>Goals whose turn has come while another was worked on.</summary>
    public ImmutableArray<WaitingGoal> Waiting { get; init; } = [];

    /// <summary>How many goals have been begun.</summary>
    public int Goals { get; init; }

    /// <summary>The goal that is worked on.</summary>
    public string? Goal { get; init; }

    /// <summary>Whether a person is still being asked about something that does not matter any more.</summary>
    public bool IsAsking { get; init; }

    /// <summary>The work that has ended last.</summary>
    public TurnEnd? Last { get; init; }

    /// <summary>The work whose plan waits for a person.</summary>
    public RunState? InReview { get; init; }

    public Plan? ReviewedPlan { get; init; }
}
