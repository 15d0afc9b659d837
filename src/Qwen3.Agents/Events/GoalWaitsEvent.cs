namespace Qwen3.Agents;

/// <summary>A goal has come while another is worked on. It is begun when that, and those that came before it, have ended.</summary>
/// <param name="goal">The goal that waits.</param>
public sealed class GoalWaitsEvent(string goal) : Qwen3WorkflowEvent(goal)
{
    /// <summary>Gets the goal that waits.</summary>
    public string Goal { get; } = goal;
}
