using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What came of a workflow: its output.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Answer">The answer to it, or, where the workflow was stopped, what was achieved and why it stopped.</param>
/// <param name="Steps">All steps, in the order in which they were planned, also those of plans before the last.</param>
/// <param name="StopReason">Why it stopped before the goal was reached; <see langword="null"/> if it did not.</param>
/// <param name="Replans">How many times a new plan was made.</param>
/// <param name="Usage">What the requests for plans, steps and the answer took together, as far as the models' clients report it.</param>
/// <param name="Time">How long it took, without waiting for a person.</param>
public sealed record Qwen3WorkflowResult(
    string Goal, string Answer, ImmutableArray<StepResult> Steps, StopReason? StopReason, int Replans, UsageDetails Usage, TimeSpan Time)
{
    /// <summary>
    /// Gets how many tokens the models computed: those they wrote, and those they read that were not in the cache. This is what
    /// <see cref="WorkflowLimits.MaxTokens"/> limits.
    /// </summary>
    [JsonIgnore]
    public long Tokens => Usage.ComputedTokens();

    /// <inheritdoc/>
    public override string ToString() => Answer;
}
