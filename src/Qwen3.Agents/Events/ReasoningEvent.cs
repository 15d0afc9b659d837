namespace Qwen3.Agents;

/// <summary>A piece of what a model thinks.</summary>
/// <param name="stepId">The step that it belongs to; none for the planner and the final answer.</param>
/// <param name="text">The piece.</param>
public sealed class ReasoningEvent(int? stepId, string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the step that it belongs to; none for the planner and the final answer.</summary>
    public int? StepId { get; } = stepId;

    /// <summary>Gets the piece.</summary>
    public string Text { get; } = text;
}
