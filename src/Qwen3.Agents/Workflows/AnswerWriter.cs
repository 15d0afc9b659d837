namespace Qwen3.Agents;

/// <summary>Whose model writes the final answer of a workflow.</summary>
public enum AnswerWriter
{
    /// <summary>The executor's: it answers at once.</summary>
    Executor,

    /// <summary>The planner's: it thinks first.</summary>
    Planner,
}
