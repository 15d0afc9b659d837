using System.Collections.Immutable;

namespace Qwen3.Agents;

/// <summary>One step of a <see cref="Plan"/>.</summary>
/// <param name="Id">The number by which other steps name it, unique in its plan.</param>
/// <param name="Task">What is to be done, in words that a model understands without the rest of the plan.</param>
/// <param name="DependsOn">The ids of the steps whose results it needs.</param>
public sealed record PlanStep(int Id, string Task, ImmutableArray<int> DependsOn)
{
    /// <summary>Gets the ids of the steps whose results it needs; empty if it can be carried out at once.</summary>
    public ImmutableArray<int> DependsOn { get; init; } = DependsOn.IsDefault ? [] : DependsOn;
}
