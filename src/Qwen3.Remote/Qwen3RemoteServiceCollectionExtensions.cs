using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Chat.Hosting;
using Qwen3.Remote;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers chat clients of Qwen3 models on servers.</summary>
/// <remarks>
/// A registration adds a <see cref="Qwen3RemoteChatClient"/> and an <see cref="IChatClient"/> over it, as singletons,
/// keyed if there is a service key. The HTTP client comes from the container's <see cref="IHttpClientFactory"/>, with
/// what <c>ConfigureHttpClientDefaults</c> adds, such as service discovery. Resilience handlers are replaced, because
/// timeouts of web requests would cut long answers.
/// </remarks>
public static class Qwen3RemoteServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model on a server.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="endpoint">The server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</param>
    /// <param name="model">The model's name on the server.</param>
    /// <param name="configure">
    /// Sets further options, such as the API key; <see langword="null"/> for the defaults.
    /// </param>
    /// <param name="serviceKey">The service key; <see langword="null"/> for services without one.</param>
    /// <returns>A builder that adds middleware to the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services,
        Uri endpoint,
        string model,
        Action<Qwen3RemoteChatClientOptions>? configure = null,
        string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        var registration = new ModelRegistration(serviceKey);
        string name = registration.OptionsName;
        services.TryAddEnumerable(ServiceDescriptor
            .Singleton<IValidateOptions<Qwen3RemoteChatClientOptions>, Qwen3RemoteChatClientOptionsValidator>());
        services.AddOptions<Qwen3RemoteChatClientOptions>(name)
            .Configure(options => (options.Endpoint, options.Model) = (endpoint, model))
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        string httpName = $"{nameof(Qwen3RemoteChatClient)} {name}";
        AddHttpClient(services, httpName, name);
        services.AddKeyedSingleton(registration, (provider, _) => Create(provider, httpName, name));
        services.AddKeyedSingleton(
            serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3RemoteChatClient>(registration));
        IChatClient Inner(IServiceProvider provider) =>
            provider.GetRequiredKeyedService<Qwen3RemoteChatClient>(registration);
        return serviceKey is null ? services.AddChatClient(Inner) : services.AddKeyedChatClient(serviceKey, Inner);
    }

    private static void AddHttpClient(IServiceCollection services, string httpName, string name)
    {
        IHttpClientBuilder builder = services.AddHttpClient(httpName)
            .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(ServerResilience.CreateHandler)
            // The client is a singleton, and its handler follows DNS changes by itself.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true);
#pragma warning disable EXTEXP0001 // The only way to remove timeouts that are set for all clients.
        builder.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.AddResilienceHandler(
            "qwen3", (pipeline, context) => ServerResilience.Add(pipeline, Options(context.ServiceProvider, name)));
    }

    private static Qwen3RemoteChatClientOptions Options(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<Qwen3RemoteChatClientOptions>>().Get(name);

    private static Qwen3RemoteChatClient Create(IServiceProvider provider, string httpName, string name)
    {
        Qwen3RemoteChatClientOptions options = Options(provider, name);
        options.HttpClient ??= provider.GetRequiredService<IHttpClientFactory>().CreateClient(httpName);
        options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
        return new(options);
    }
}
