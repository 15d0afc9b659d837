using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Chat;
using Qwen3.Chat.Models;
using Qwen3.SemanticKernel;
using Qwen3.SemanticKernel.Mapping;

namespace Microsoft.SemanticKernel;

/// <summary>Registers Qwen3 models as chat completion services.</summary>
/// <remarks>
/// Each registration adds an <see cref="IChatCompletionService"/>, an <see cref="IChatClient"/> and, for a model in
/// this process, the <see cref="Qwen3ChatClient"/> behind both, as singletons; with a service id they are keyed by it.
/// Both services invoke a kernel's functions as the <see cref="FunctionChoiceBehavior"/> of the settings says. The
/// header of a model's file is read, and the options are checked, when one of the services is first resolved. The first
/// request loads the model, or the start of a host with <see cref="Qwen3ChatClientOptions.LoadAtStart"/>, and disposing
/// the container frees it. The services log to the container's logger factory.
/// </remarks>
public static class Qwen3ServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model of a file.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="modelPath">
    /// The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.
    /// </param>
    /// <param name="configure">Sets options of the model; <see langword="null"/> for the defaults.</param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder,
        string modelPath,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>
    /// Adds a Qwen3 model of the catalogue or another one by its name. The first request, or the start of a host, finds
    /// it on this machine or downloads it.
    /// </summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="model">
    /// The model, such as <see cref="Qwen3Models.Instruct2507"/>, or a result of <see cref="Qwen3Models.Parse"/>.
    /// </param>
    /// <param name="configure">
    /// Sets options of the download and the model; <see langword="null"/> for the defaults.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder,
        Qwen3Model model,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(model, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model of the configuration.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="section">
    /// The section, whose entries are named after the properties of <see cref="Qwen3ChatClientOptions"/>,
    /// <c>ModelPath</c> or <c>ModelName</c> among them. Another entry is an <c>OptionsValidationException</c> when the
    /// options are checked.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, IConfiguration section, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(section, serviceId);
        return builder;
    }

    /// <summary>Adds a chat client, which the caller disposes.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="client">
    /// The client, such as a <see cref="Qwen3ChatClient"/> over a model that is loaded already.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(client, serviceId);
        return builder;
    }

    /// <summary>
    /// Adds a chat client that a factory creates from the container's services, such as a client of a model on a
    /// server.
    /// </summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="factory">Creates the client. The container disposes it.</param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(factory, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model of a file.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="modelPath">
    /// The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.
    /// </param>
    /// <param name="configure">Sets options of the model; <see langword="null"/> for the defaults.</param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services,
        string modelPath,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceId = null) =>
        Add(
            services,
            serviceId,
            key => services.AddQwen3ChatClient(modelPath, configure, key),
            typeof(Qwen3ChatClient));

    /// <summary>
    /// Adds a Qwen3 model of the catalogue or another one by its name. The first request, or the start of a host, finds
    /// it on this machine or downloads it.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">
    /// The model, such as <see cref="Qwen3Models.Instruct2507"/>, or a result of <see cref="Qwen3Models.Parse"/>.
    /// </param>
    /// <param name="configure">
    /// Sets options of the download and the model; <see langword="null"/> for the defaults.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services,
        Qwen3Model model,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceId = null
    ) => Add(services, serviceId, key => services.AddQwen3ChatClient(model, configure, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a Qwen3 model of the configuration.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">
    /// The section, whose entries are named after the properties of <see cref="Qwen3ChatClientOptions"/>,
    /// <c>ModelPath</c> or <c>ModelName</c> among them. Another entry is an <c>OptionsValidationException</c> when the
    /// options are checked.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, IConfiguration section, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(section, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a chat client, which the caller disposes.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="client">
    /// The client, such as a <see cref="Qwen3ChatClient"/> over a model that is loaded already.
    /// </param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Add(
            services,
            serviceId,
            key => services.AddKeyedChatClient(key, new NonOwningChatClient(client)),
            ownClient: null);
    }

    /// <summary>
    /// Adds a chat client that a factory creates from the container's services, such as a client of a model on a
    /// server.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="factory">Creates the client. The container disposes it.</param>
    /// <param name="serviceId">
    /// The service key, for kernels with several services; <see langword="null"/> for services without a key.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Add(services, serviceId, key => services.AddKeyedChatClient(key, factory), ownClient: null);
    }

    /// <param name="services">The service collection.</param>
    /// <param name="serviceId">The service key, if there is one.</param>
    /// <param name="add">Adds the client under a key.</param>
    /// <param name="ownClient">The type of the client itself, if it is registered, too.</param>
    private static IServiceCollection Add(
        IServiceCollection services,
        string? serviceId,
        Func<string, ChatClientBuilder> add,
        Type? ownClient)
    {
        ArgumentNullException.ThrowIfNull(services);
        // A registration without a service id has a key of its own, so that the services of two such registrations keep
        // their own models.
        string key = serviceId ?? $"Qwen3 model {Guid.NewGuid():N}";
        add(key)
            .Use(client => new HangingFunctionsClient(client))
            .UseKernelFunctionInvocation()
            .Use(
                (client, provider) =>
                    new FunctionValuesClient(
                        client,
                        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        if (serviceId is null)
        {
            services.AddSingleton(provider => provider.GetRequiredKeyedService<IChatClient>(key));
            if (ownClient is not null)
            {
                services.AddSingleton(ownClient, provider => provider.GetRequiredKeyedService(ownClient, key));
            }
        }

        return services.AddKeyedSingleton<IChatCompletionService>(
            serviceId,
            (provider, _) => new Qwen3ChatCompletionService(provider.GetRequiredKeyedService<IChatClient>(key)));
    }
}
