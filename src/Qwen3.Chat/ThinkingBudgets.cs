using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;

namespace Qwen3.Chat;

/// <summary>The reasoning budgets of the values of <see cref="ReasoningEffort"/>, in tokens.</summary>
/// <remarks>
/// <see cref="ReasoningEffort.None"/> turns thinking off. The defaults are this library's: the models were trained
/// without such levels. Reasoning that reaches its budget is closed with a sentence of the Qwen3 technical report, and
/// the model answers from there.
/// </remarks>
public sealed class ThinkingBudgets
{
    /// <summary>
    /// Gets or sets the budget of <see cref="ReasoningEffort.Low"/>: 1,024 tokens by default. <see langword="null"/> is
    /// no limit.
    /// </summary>
    public int? Low { get; set; } = 1_024;

    /// <summary>
    /// Gets or sets the budget of <see cref="ReasoningEffort.Medium"/>: 4,096 tokens by default. <see langword="null"/>
    /// is no limit.
    /// </summary>
    public int? Medium { get; set; } = 4_096;

    /// <summary>
    /// Gets or sets the budget of <see cref="ReasoningEffort.High"/>: 16,384 tokens by default. <see langword="null"/>
    /// is no limit.
    /// </summary>
    public int? High { get; set; } = 16_384;

    /// <summary>
    /// Gets or sets the budget of <see cref="ReasoningEffort.ExtraHigh"/>: no limit (<see langword="null"/>) by
    /// default.
    /// </summary>
    public int? ExtraHigh { get; set; }

    /// <summary>
    /// Returns the budget of a request in tokens: 0 for no thinking, <see langword="null"/> for no limit.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The budget in the request's additional properties is not a number of tokens.
    /// </exception>
    internal int? Of(ChatOptions? options)
    {
        if (options is not null && AdditionalOptions.Integer(options, Qwen3OptionNames.ThinkingBudget) is { } budget)
        {
            return budget >= 0 ? budget : throw new ArgumentOutOfRangeException(
                nameof(options),
                budget,
                $"The option {Qwen3OptionNames.ThinkingBudget} must be 0 (no thinking) or more tokens.");
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
