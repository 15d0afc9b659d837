using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Qwen3.Chat.Hosting;

/// <summary>Checks whether a client can answer: its model is loaded, or can be loaded as far as is known.</summary>
/// <param name="find">
/// Resolves the client, which reads the file's header and throws if the file or an option is invalid.
/// </param>
internal sealed class Qwen3HealthCheck(Func<Qwen3ChatClient> find) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Qwen3ChatClient client;
        try
        {
            client = find();
        }
        catch (Exception e)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, e.Message, e));
        }

        var data = new Dictionary<string, object>
        {
            ["model"] = client.Metadata.DefaultModelId!,
            ["variant"] = client.Variant.ToString(),
        };
        return Task.FromResult(client.State switch
        {
            ModelState.Loaded => HealthCheckResult.Healthy("The model is loaded.", data),
            ModelState.Loading => HealthCheckResult.Degraded("The model is loading.", data: data),
            ModelState.Unloaded => HealthCheckResult.Healthy("The model will be loaded by the next request.", data),
            ModelState.Failed when client.LoadFailure is null =>
                new(context.Registration.FailureStatus, "The model's engine was disposed.", data: data),
            ModelState.Failed => new(
                context.Registration.FailureStatus,
                "The model could not be loaded. The next request tries again.",
                client.LoadFailure,
                data),
            _ => new(context.Registration.FailureStatus, "The client was disposed.", data: data),
        });
    }
}
