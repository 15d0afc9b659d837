using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What is counted of the usage that clients report.</summary>
internal static class UsageExtensions
{
    public static long ComputedTokens(this UsageDetails usage) =>
        (usage.InputTokenCount ?? 0) - (usage.CachedInputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0);
}
