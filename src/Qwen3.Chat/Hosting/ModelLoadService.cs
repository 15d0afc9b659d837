using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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

/// <summary>One registered client. No two are equal, so that each has services of its own.</summary>
/// <param name="serviceKey">The key that it was registered with, if any.</param>
internal sealed class ModelRegistration(string? serviceKey)
{
    /// <summary>The name of its options.</summary>
    public string OptionsName { get; } = serviceKey ?? $"Qwen3 model {Guid.NewGuid():N}";
}

/// <summary>Writes to the log how far a model is loaded, in tenths, and passes on what it is told.</summary>
internal sealed partial class LoadProgress(string path, ILogger logger, IProgress<float>? next) : IProgress<float>
{
    private int _tenths = -1;

    public void Report(float value)
    {
        next?.Report(value);
        int tenths = (int)(value * 10);
        // It begins anew where the model is loaded again.
        if (tenths != _tenths)
        {
            _tenths = tenths;
            LogProgress(path, tenths * 10);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading {Path}: {Percent} %")]
    private partial void LogProgress(string path, int percent);
}
