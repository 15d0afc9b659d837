using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A call has a result.</summary>
/// <param name="stepId">The step.</param>
/// <param name="result">What the model is told.</param>
/// <param name="hasFailed">Whether the function threw, or there is none of that name.</param>
public sealed class ResultEvent(int stepId, FunctionResultContent result, bool hasFailed) : Qwen3WorkflowEvent(result)
{
    /// <summary>Gets the step.</summary>
    public int StepId { get; } = stepId;

    /// <summary>Gets what the model is told.</summary>
    public FunctionResultContent Result { get; } = result;

    /// <summary>Gets whether the function threw, or there is none of that name.</summary>
    public bool HasFailed { get; } = hasFailed;
}
