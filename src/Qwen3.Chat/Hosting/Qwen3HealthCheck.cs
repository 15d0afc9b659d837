using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Qwen3.Chat.Hosting;

/// <summary>Tells whether a client can answer: its model is in memory, or its file is there to be loaded.</summary>
internal sealed class Qwen3HealthCheck(Qwen3ChatClient client) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["model"] = client.Metadata.DefaultModelId!, ["variant"] = client.Variant.ToString() };
        return Task.FromResult(client.State switch
        {
            ModelState.Loaded => HealthCheckResult.Healthy("The model is loaded.", data),
            ModelState.Loading => HealthCheckResult.Degraded("The model is being loaded.", data: data),
            ModelState.Unloaded => HealthCheckResult.Healthy("The model will be loaded by the next request.", data),
            ModelState.Failed => new(context.Registration.FailureStatus, "The model could not be loaded; the next request tries again.", client.LoadFailure, data),
            _ => new(context.Registration.FailureStatus, "The client was disposed.", data: data),
        });
    }
}
