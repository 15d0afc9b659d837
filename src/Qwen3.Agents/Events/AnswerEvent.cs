namespace Qwen3.Agents;

/// <summary>The final answer is there.</summary>
/// <param name="text">The answer.</param>
public sealed class AnswerEvent(string text) : Qwen3WorkflowEvent(text)
{
    /// <summary>Gets the answer.</summary>
    public string Text { get; } = text;
}
