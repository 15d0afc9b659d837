using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The output of a workflow.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Answer">The answer, or, if the workflow stopped, what was achieved and why it stopped.</param>
/// <param name="Steps">All steps in the order in which they were planned, including those of earlier plans.</param>
/// <param name="StopReason">Why it stopped before the goal was reached, or <see langword="null"/>.</param>
/// <param name="Replans">The number of new plans.</param>
/// <param name="Usage">The usage of all requests, as far as the clients report it.</param>
/// <param name="Time">The duration without the time that a person took.</param>
public sealed record Qwen3WorkflowResult(
    string Goal, string Answer, ImmutableArray<StepResult> Steps, StopReason? StopReason, int Replans, UsageDetails Usage, TimeSpan Time)
{
    /// <summary>
    /// Gets the number of computed tokens: output tokens, and input tokens that were not cached.
    /// <see cref="WorkflowLimits.MaxTokens"/> limits it.
    /// </summary>
    [JsonIgnore]
    public long Tokens => Usage.ComputedTokens();

    /// <inheritdoc/>
    public override string ToString() => Answer;
}

/// <summary>The state and the result of a step.</summary>
/// <param name="Step">The step. Its id is unique in a run.</param>
/// <param name="Status">The state.</param>
/// <param name="Attempts">The number of attempts.</param>
/// <param name="Result">The result, or <see langword="null"/>.</param>
/// <param name="Error">Why the last attempt failed or was refused, or <see langword="null"/>.</param>
public sealed record StepResult(PlanStep Step, StepStatus Status, int Attempts, string? Result, string? Error);

/// <summary>The state of a step.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepStatus>))]
public enum StepStatus
{
    /// <summary>It has not started, or not again after it failed.</summary>
    Waiting,

    /// <summary>It is running, or was when the workflow stopped.</summary>
    Running,

    /// <summary>It waits for a person to approve a call, or did when the workflow stopped.</summary>
    AwaitingApproval,

    /// <summary>It has a result.</summary>
    Done,

    /// <summary>A person refused a call that it needs. It is not attempted again.</summary>
    Refused,

    /// <summary>It failed, and no attempt is left.</summary>
    Failed,

    /// <summary>A new plan replaced it.</summary>
    Dropped,
}

/// <summary>Why a workflow ended before its goal was reached.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopReason>))]
public enum StopReason
{
    /// <summary>The planner has not come to a plan that can be carried out.</summary>
    NoPlan,

    /// <summary>A person refused the plan.</summary>
    PlanRefused,

    /// <summary>A step failed, and no new plan was left: <see cref="WorkflowLimits.MaxReplans"/>.</summary>
    Replans,

    /// <summary>A plan exceeded <see cref="WorkflowLimits.MaxSteps"/>.</summary>
    Steps,

    /// <summary>The models exceeded <see cref="WorkflowLimits.MaxTokens"/>.</summary>
    Tokens,

    /// <summary>The run exceeded <see cref="WorkflowLimits.MaxTime"/>.</summary>
    Time,

    /// <summary>The model that writes the answer failed.</summary>
    NoAnswer,
}

/// <summary>What is counted of the usage that clients report.</summary>
internal static class UsageExtensions
{
    public static long ComputedTokens(this UsageDetails usage) =>
        (usage.InputTokenCount ?? 0) - (usage.CachedInputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0);
}
