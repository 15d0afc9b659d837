using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Commands;

/// <summary>What <c>run --json</c> prints.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Text">The answer; of an answer in steps, with calls in between, the last one's.</param>
/// <param name="Reasoning">What the model thought before it, if it did.</param>
/// <param name="FinishReason">Why it ended: <c>stop</c> or <c>length</c>.</param>
/// <param name="Usage">How many tokens it took.</param>
/// <param name="Times">How many seconds it took.</param>
internal sealed record RunReport(string Model, string Text, string? Reasoning, string? FinishReason, RunReport.Tokens Usage, RunReport.Seconds Times)
{
    public static RunReport Of(string model, ChatResponse response, RunClock clock)
    {
        IList<AIContent> contents = response.Messages[^1].Contents;
        string reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text));
        UsageDetails? usage = response.Usage;
        return new(
            model,
            response.Messages[^1].Text,
            reasoning.Length > 0 ? reasoning : null,
            response.FinishReason?.Value,
            new(usage?.InputTokenCount, usage?.CachedInputTokenCount, usage?.OutputTokenCount, usage?.ReasoningTokenCount),
            new(clock.LoadTime.TotalSeconds, clock.FirstTokenTime.TotalSeconds, clock.Total.TotalSeconds));
    }

    /// <summary>Over all steps of the answer.</summary>
    internal sealed record Tokens(long? Input, long? CachedInput, long? Output, long? Reasoning);

    /// <param name="Load">Until the model and its tools were there.</param>
    /// <param name="FirstToken">From then until its first words.</param>
    /// <param name="Total">From beginning to end.</param>
    internal sealed record Seconds(double Load, double FirstToken, double Total);
}
