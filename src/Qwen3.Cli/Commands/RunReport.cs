using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Commands;

/// <summary>The output of <c>run --json</c>.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Text">The text of the answer; with calls, of the last step.</param>
/// <param name="Reasoning">The reasoning before the answer, if there is any.</param>
/// <param name="FinishReason">The reason why the answer ended: <c>stop</c> or <c>length</c>.</param>
/// <param name="Usage">The numbers of tokens.</param>
/// <param name="Times">The times in seconds.</param>
internal sealed record RunReport(
    string Model, string Text, string? Reasoning, string? FinishReason, RunReport.Tokens Usage, RunReport.Seconds Times)
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
            new(usage?.InputTokenCount, usage?.CachedInputTokenCount, usage?.OutputTokenCount,
                usage?.ReasoningTokenCount),
            new(clock.LoadTime.TotalSeconds, clock.FirstTokenTime.TotalSeconds, clock.Total.TotalSeconds));
    }

    /// <summary>The numbers of tokens of all steps of the answer.</summary>
    internal sealed record Tokens(long? Input, long? CachedInput, long? Output, long? Reasoning);

    /// <param name="Load">Until the model and its tools were loaded.</param>
    /// <param name="FirstToken">From then to the first part of the answer.</param>
    /// <param name="Total">From the start to the end.</param>
    internal sealed record Seconds(double Load, double FirstToken, double Total);
}

/// <summary>Measures the times of a question from the start of the command.</summary>
internal sealed class RunClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public TimeSpan LoadTime { get; private set; }

    /// <summary>The time from the loaded model to the first part of its answer.</summary>
    public TimeSpan FirstTokenTime { get; private set; }

    public TimeSpan Total => timeProvider.GetElapsedTime(_start);

    public void Loaded() => LoadTime = Total;

    public void Updated()
    {
        if (FirstTokenTime == default)
        {
            FirstTokenTime = Total - LoadTime;
        }
    }
}
