using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A part of a model's reasoning.</summary>
/// <param name="stepId">The id of the step; <see langword="null"/> for the planner and the final answer.</param>
/// <param name="text">The part.</param>
public sealed class ReasoningEvent(int? stepId, string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the id of the step; <see langword="null"/> for the planner and the final answer.</summary>
    public int? StepId { get; } = stepId;

    /// <summary>Gets the part.</summary>
    public string Text { get; } = text;
}

/// <summary>A part of the text of a step or of the final answer.</summary>
/// <param name="stepId">The id of the step; <see langword="null"/> for the final answer.</param>
/// <param name="text">The part.</param>
public sealed class TextEvent(int? stepId, string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the id of the step; <see langword="null"/> for the final answer.</summary>
    public int? StepId { get; } = stepId;

    /// <summary>Gets the part.</summary>
    public string Text { get; } = text;
}

/// <summary>A model calls a function.</summary>
/// <param name="stepId">The step.</param>
/// <param name="call">The call.</param>
public sealed class CallEvent(int stepId, FunctionCallContent call) : Qwen3WorkflowEvent(call)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets the call.</summary>
    public FunctionCallContent Call { get; } = call;
}

/// <summary>A tool call has a result.</summary>
/// <param name="stepId">The step.</param>
/// <param name="result">The result that the model reads.</param>
/// <param name="hasFailed">Whether the function threw or does not exist.</param>
public sealed class ResultEvent(int stepId, FunctionResultContent result, bool hasFailed) : Qwen3WorkflowEvent(result)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets the result that the model reads.</summary>
    public FunctionResultContent Result { get; } = result;

    /// <summary>Gets a value indicating whether the function threw or does not exist.</summary>
    public bool HasFailed { get; } = hasFailed;
}

/// <summary>A tool call waits for a person's approval. The <c>RequestInfoEvent</c> to respond to follows.</summary>
/// <param name="stepId">The step.</param>
/// <param name="request">The approval request, with the call.</param>
public sealed class ApprovalRequestedEvent(int stepId, ToolApprovalRequestContent request) : Qwen3WorkflowEvent(request)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets the approval request, with the call.</summary>
    public ToolApprovalRequestContent Request { get; } = request;
}
