using System.Collections.Immutable;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A goal that is to be begun.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Before">What was said before it in the same turn.</param>
/// <param name="AnswersAsAgent">Whether whoever sent it wants the answer in the form in which agents answer.</param>
internal sealed record WaitingGoal(string Goal, ImmutableArray<ChatMessage> Before, bool AnswersAsAgent);
