using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Why a workflow ended before its goal was reached.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopReason>))]
public enum StopReason
{
    /// <summary>The planner has not come to a plan that can be carried out.</summary>
    NoPlan,

    /// <summary>A person refused the plan.</summary>
    PlanRefused,

    /// <summary>A step failed, and the plan had been made anew as often as it may: <see cref="WorkflowLimits.MaxReplans"/>.</summary>
    Replans,

    /// <summary>A new plan would have taken more steps than are allowed: <see cref="WorkflowLimits.MaxSteps"/>.</summary>
    Steps,

    /// <summary>The models had computed as many tokens as they may: <see cref="WorkflowLimits.MaxTokens"/>.</summary>
    Tokens,

    /// <summary>The time was up: <see cref="WorkflowLimits.MaxTime"/>.</summary>
    Time,

    /// <summary>The model that writes the answer failed.</summary>
    NoAnswer,
}
