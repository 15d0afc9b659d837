using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Qwen3.Chat.Hosting;

/// <summary>
/// Loads the models with <see cref="Qwen3ChatClientOptions.LoadAtStart"/>, one after the other, when the host starts.
/// </summary>
internal sealed class ModelLoadService(
    IServiceProvider services,
    IEnumerable<ModelRegistration> registrations,
    IOptionsMonitor<Qwen3ChatClientOptions> options)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ModelRegistration registration in registrations)
        {
            if (options.Get(registration.OptionsName).LoadAtStart)
            {
                var client = services.GetRequiredKeyedService<Qwen3ChatClient>(registration);
                await client.LoadModelAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A registered client, and the key of its services.</summary>
/// <param name="serviceKey">The service key that it was registered with, if any.</param>
internal sealed class ModelRegistration(string? serviceKey)
{
    /// <summary>Gets the name of its options.</summary>
    public string OptionsName { get; } = serviceKey ?? $"Qwen3 model {Guid.NewGuid():N}";
}

/// <summary>Logs the progress of loading a model in steps of 10 %, and forwards it.</summary>
internal sealed partial class LoadProgress(string path, ILogger logger, IProgress<float>? next) : IProgress<float>
{
    private int _tenths = -1;

    public void Report(float value)
    {
        next?.Report(value);
        int tenths = (int)(value * 10);
        // The progress restarts when the model is loaded again.
        if (tenths != _tenths)
        {
            _tenths = tenths;
            LogProgress(path, tenths * 10);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading {Path}: {Percent} %")]
    private partial void LogProgress(string path, int percent);
}
