using Microsoft.Extensions.Diagnostics.HealthChecks;
using Qwen3.Chat;
using Qwen3.Chat.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks for Qwen3 models that run in this process.</summary>
public static class Qwen3HealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of a registered <see cref="Qwen3ChatClient"/>: healthy if its model is loaded or will be loaded by
    /// the next request, degraded while it is loading, and failed if it could not be loaded.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="serviceKey">The service key of the client, if it has one.</param>
    /// <param name="failureStatus">The status of a failure. The default, <see langword="null"/>, is unhealthy.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHealthChecksBuilder AddQwen3(
        this IHealthChecksBuilder builder,
        string name = "qwen3",
        string? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new(
            name,
            provider => new Qwen3HealthCheck(() => provider.GetRequiredKeyedService<Qwen3ChatClient>(serviceKey)),
            failureStatus,
            tags));
    }
}
