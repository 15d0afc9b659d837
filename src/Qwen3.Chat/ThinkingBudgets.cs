using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;

namespace Qwen3.Chat;

/// <summary>How many tokens a model may think for each <see cref="ReasoningEffort"/>.</summary>
/// <remarks>
/// <see cref="ReasoningEffort.None"/> means no thinking at all. The figures are this library's; the models were trained without such steps. What
/// the budget ends is closed with the sentence of the Qwen3 report, and the model answers from what it has thought.
/// </remarks>
public sealed class ThinkingBudgets
{
    /// <summary>Gets or sets the budget of <see cref="ReasoningEffort.Low"/>: 1,024 tokens by default. <see langword="null"/> sets no limit.</summary>
    public int? Low { get; set; } = 1_024;

    /// <summary>Gets or sets the budget of <see cref="ReasoningEffort.Medium"/>: 4,096 tokens by default. <see langword="null"/> sets no limit.</summary>
    public int? Medium { get; set; } = 4_096;

    /// <summary>Gets or sets the budget of <see cref="ReasoningEffort.High"/>: 16,384 tokens by default. <see langword="null"/> sets no limit.</summary>
    public int? High { get; set; } = 16_384;

    /// <summary>Gets or sets the budget of <see cref="ReasoningEffort.ExtraHigh"/>: no limit (<see langword="null"/>) by default.</summary>
    public int? ExtraHigh { get; set; }

    /// <summary>The budget of a request in tokens: 0 for no thinking, <see langword="null"/> for no limit.</summary>
    /// <exception cref="ArgumentException">The request's budget is no number of tokens.</exception>
    internal int? Of(ChatOptions? options)
    {
        if (options is not null && AdditionalOptions.Integer(options, Qwen3OptionNames.ThinkingBudget) is { } budget)
        {
            return budget >= 0 ? budget : throw new ArgumentOutOfRangeException(
                nameof(options), budget, $"The option {Qwen3OptionNames.ThinkingBudget} must be 0 (no thinking) or more tokens.");
        }

        return options?.Reasoning?.Effort switch
        {
            ReasoningEffort.None => 0,
            ReasoningEffort.Low => Low,
            ReasoningEffort.Medium => Medium,
            ReasoningEffort.High => High,
            ReasoningEffort.ExtraHigh => ExtraHigh,
            _ => null,
        };
    }
}
