namespace Qwen3.Agents;

/// <summary>The workflow ends before its goal is reached.</summary>
/// <param name="reason">Which limit was reached, or what went wrong.</param>
/// <param name="message">The same in words, with what can be done.</param>
public sealed class StoppedEvent(StopReason reason, string message) : Qwen3WorkflowEvent(reason)
{
    /// <summary>Gets which limit was reached, or what went wrong.</summary>
    public StopReason Reason { get; } = reason;

    /// <summary>Gets the same in words, with what can be done.</summary>
    public string Message { get; } = message;
}
