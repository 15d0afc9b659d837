using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Qwen3.Chat.Hosting;

/// <summary>Loads the models that are to be there from the start, one after the other.</summary>
internal sealed class ModelLoadService(IServiceProvider services, IEnumerable<ModelRegistration> registrations, IOptionsMonitor<Qwen3ChatClientOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ModelRegistration registration in registrations)
        {
            if (options.Get(registration.OptionsName).LoadAtStart)
            {
                await services.GetRequiredKeyedService<Qwen3ChatClient>(registration).LoadModelAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
