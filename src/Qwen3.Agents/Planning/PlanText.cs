using System.Collections.Immutable;

namespace Qwen3.Agents;

/// <summary>A plan as the model writes it.</summary>
internal sealed record PlanText(ImmutableArray<PlanStep> Steps);
