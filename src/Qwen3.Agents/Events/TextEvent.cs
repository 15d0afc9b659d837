namespace Qwen3.Agents;

/// <summary>A piece of what a model writes in a step or as the final answer.</summary>
/// <param name="stepId">The step that it belongs to; none for the final answer.</param>
/// <param name="text">The piece.</param>
public sealed class TextEvent(int? stepId, string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the step that it belongs to; none for the final answer.</summary>
    public int? StepId { get; } = stepId;

    /// <summary>Gets the piece.</summary>
    public string Text { get; } = text;
}
