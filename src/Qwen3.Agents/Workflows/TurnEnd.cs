namespace Qwen3.Agents;

/// <summary>The work for a goal has ended with this answer.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Answer">The answer.</param>
/// <param name="IsAsking">Whether a person is still being asked about something that does not matter any more.</param>
internal sealed record TurnEnd(string Goal, string Answer, bool IsAsking);
