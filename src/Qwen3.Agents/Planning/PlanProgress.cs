using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The state of <see cref="PlanExecutor"/> in a checkpoint.</summary>
internal sealed record PlanProgress : IJsonOnDeserialized
{
    /// <summary>Goals and answers before.</summary>
    public ImmutableArray<ChatMessage> History { get; init; } = [];

    /// <summary>Messages that wait for their turn.</summary>
    public ImmutableArray<ChatMessage> Incoming { get; init; } = [];

    /// <summary>Goals whose turn has come while another was worked on.</summary>
    public ImmutableArray<QueuedGoal> Waiting { get; init; } = [];

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

    /// <summary>Takes the turn of what has come in: the last thing that a user said is the goal, if there is any.</summary>
    public PlanProgress WithTurn(bool answersAsAgent, out QueuedGoal? goal)
    {
        int last = Incoming.ToList().FindLastIndex(message => message.Role == ChatRole.User && message.Text.Length > 0);
        goal = last < 0 ? null : new QueuedGoal(Incoming[last].Text, Incoming[..last], answersAsAgent);
        return goal is null ? this : this with { Incoming = Incoming[(last + 1)..], Waiting = Waiting.Add(goal) };
    }

    public PlanProgress WithNextGoal() => this with
    {
        Waiting = Waiting.RemoveAt(0),
        History = [.. History, .. Waiting[0].Before],
        Goals = Goals + 1,
        Goal = Waiting[0].Goal,
    };

    public PlanProgress WithEnd(TurnEnd end) => this with
    {
        History = [.. History, new(ChatRole.User, end.State.Goal), new(ChatRole.Assistant, end.Answer)],
        Goal = null,
        IsAsking = IsAsking || end.State.IsAsking,
        Last = end,
    };

    void IJsonOnDeserialized.OnDeserialized()
    {
        Stored.Require(
            !History.IsDefault && !History.Contains(null!) && !Incoming.IsDefault && !Incoming.Contains(null!),
            "What was said is missing.");
        Stored.Require(
            !Waiting.IsDefault && Waiting.All(goal => goal is { Goal: not null, Before.IsDefault: false }), "A goal is missing.");
        Stored.Require(Goals >= 0 && InReview is null == ReviewedPlan is null
                && (ReviewedPlan is null || ReviewedPlan.Steps.All(step => step is { Task: not null })),
            "The plan in review is missing.");
    }
}

/// <summary>A goal that is to be begun.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Before">What was said before it in the same turn.</param>
/// <param name="AnswersAsAgent">Whether the sender expects the answer in the form of an agent's response.</param>
internal sealed record QueuedGoal(string Goal, ImmutableArray<ChatMessage> Before, bool AnswersAsAgent);
