using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Qwen3.Server;
using Qwen3.Server.Description;
using Qwen3.Server.Serving;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what <c>MapQwen3</c> needs.</summary>
public static class Qwen3ServerServiceCollectionExtensions
{
    /// <summary>
    /// Adds the services of an OpenAI-compatible endpoint over the <see cref="IChatClient"/>s that the application registers, before or after: the
    /// one without a service key answers requests that name no model, and each with a key of text is a model of that name.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Sets keys and limits; the defaults if <see langword="null"/>.</param>
    /// <returns>A builder of the options, to bind them to a section of the configuration, say.</returns>
    public static OptionsBuilder<Qwen3ServerOptions> AddQwen3Server(this IServiceCollection services, Action<Qwen3ServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new ClientKeys(services));
        services.TryAddSingleton<ServedModels>();
        services.TryAddSingleton<RequestReader>();
        services.TryAddSingleton<RequestGate>();
        services.TryAddSingleton<ErrorMapping>();
        services.TryAddSingleton<AccessFilter>();
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<ModelsEndpoint>();
        services.TryAddSingleton<AnswerStream>();
        services.TryAddSingleton<ChatCompletionsEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ListeningCheck>());
        services.AddMetrics();
        services.ConfigureAll<OpenApiOptions>(DocumentDescription.AddTo);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Qwen3ServerOptions>, Qwen3ServerOptionsValidator>());
        return services.AddOptions<Qwen3ServerOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
    }
}
