using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>How far a step of a workflow is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepStatus>))]
public enum StepStatus
{
    /// <summary>It has not begun, or not again after it failed.</summary>
    Waiting,

    /// <summary>It is being carried out, or was when the workflow stopped.</summary>
    Running,

    /// <summary>It waits for a person to approve a call, or did when the workflow stopped.</summary>
    AwaitingApproval,

    /// <summary>It has a result.</summary>
    Done,

    /// <summary>A person refused a call that it needs. It is not attempted again.</summary>
    Refused,

    /// <summary>It has failed as many times as it may.</summary>
    Failed,

    /// <summary>A new plan was made without it.</summary>
    Dropped,
}
