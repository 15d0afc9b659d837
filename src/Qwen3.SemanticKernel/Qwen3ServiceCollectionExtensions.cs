using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Chat;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;
using Qwen3.SemanticKernel;
using Qwen3.SemanticKernel.Mapping;

namespace Microsoft.SemanticKernel;

/// <summary>Registers Qwen3 models as chat completion services.</summary>
/// <remarks>
/// Each registration is an <see cref="IChatCompletionService"/>, an <see cref="IChatClient"/> and the <see cref="Qwen3ChatClient"/> behind both, as
/// singletons and, with a service id, keyed by it. Both services call a kernel's functions as the settings' <see cref="FunctionChoiceBehavior"/> says.
/// The file's header is read when one of them is first asked for, and what is wrong with it is said then; the model is loaded by the first request
/// (or when a host starts, with <see cref="Qwen3ChatClientOptions.LoadAtStart"/>) and freed with the container. All log to the container's logger factory.
/// </remarks>
public static class Qwen3ServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model by its file.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.</param>
    /// <param name="configure">Sets how the model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, string modelPath, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>
    /// Adds a Qwen3 model of the catalogue, or any other by name. It is found on this machine or fetched once, by the first request or at the host's start.
    /// </summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="configure">Sets how the model is fetched, loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, Qwen3Model model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(model, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model by its options.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="configure">
    /// Sets <see cref="Qwen3ChatClientOptions.ModelPath"/> or <see cref="Qwen3ChatClientOptions.ModelName"/>, and how the model is loaded and treated.
    /// </param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(this IKernelBuilder builder, Action<Qwen3ChatClientOptions> configure, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(configure, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model by a section of the configuration, whose entries are named as the properties of <see cref="Qwen3ChatClientOptions"/> are.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="section">
    /// The section, with <c>ModelPath</c> or <c>ModelName</c> at least. An entry that is no option is an <c>OptionsValidationException</c> when the options are checked.
    /// </param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(this IKernelBuilder builder, IConfiguration section, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(section, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model that is loaded already, and stays the caller's to dispose.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="model">The model; several registrations can share it.</param>
    /// <param name="configure">Sets how the model is treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, LlamaModel model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(model, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a chat client of any kind, which stays the caller's to dispose. There is no <see cref="Qwen3ChatClient"/> then but what it has.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="client">The client, which reads and writes as <see cref="Qwen3ChatClient"/> does.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(this IKernelBuilder builder, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(client, serviceId);
        return builder;
    }

    /// <summary>Adds a chat client that a factory creates from the container's services, such as a client of a model on a server.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="factory">Creates the client. The container disposes it.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(this IKernelBuilder builder, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(factory, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model by its file.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.</param>
    /// <param name="configure">Sets how the model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, string modelPath, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(modelPath, configure, key), typeof(Qwen3ChatClient));

    /// <summary>
    /// Adds a Qwen3 model of the catalogue, or any other by name. It is found on this machine or fetched once, by the first request or at the host's start.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="configure">Sets how the model is fetched, loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, Qwen3Model model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(model, configure, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a Qwen3 model by its options.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">
    /// Sets <see cref="Qwen3ChatClientOptions.ModelPath"/> or <see cref="Qwen3ChatClientOptions.ModelName"/>, and how the model is loaded and treated.
    /// </param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(this IServiceCollection services, Action<Qwen3ChatClientOptions> configure, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(configure, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a Qwen3 model by a section of the configuration, whose entries are named as the properties of <see cref="Qwen3ChatClientOptions"/> are.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">
    /// The section, with <c>ModelPath</c> or <c>ModelName</c> at least. An entry that is no option is an <c>OptionsValidationException</c> when the options are checked.
    /// </param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(this IServiceCollection services, IConfiguration section, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(section, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a Qwen3 model that is loaded already, and stays the caller's to dispose.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model; several registrations can share it.</param>
    /// <param name="configure">Sets how the model is treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, LlamaModel model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null) =>
        Add(services, serviceId, key => services.AddQwen3ChatClient(model, configure, key), typeof(Qwen3ChatClient));

    /// <summary>Adds a chat client of any kind, which stays the caller's to dispose. There is no <see cref="Qwen3ChatClient"/> then but what it has.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="client">The client, which reads and writes as <see cref="Qwen3ChatClient"/> does.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(this IServiceCollection services, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Add(services, serviceId, key => services.AddKeyedChatClient(key, new NonOwningChatClient(client)), ownClient: null);
    }

    /// <summary>Adds a chat client that a factory creates from the container's services, such as a client of a model on a server.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="factory">Creates the client. The container disposes it.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Add(services, serviceId, key => services.AddKeyedChatClient(key, factory), ownClient: null);
    }

    /// <param name="services">The service collection.</param>
    /// <param name="serviceId">The key that the services are asked for by, if any.</param>
    /// <param name="add">Adds the client under a key.</param>
    /// <param name="ownClient">The type of the client itself, if it is registered too.</param>
    internal static IServiceCollection Add(IServiceCollection services, string? serviceId, Func<string, ChatClientBuilder> add, Type? ownClient)
    {
        ArgumentNullException.ThrowIfNull(services);
        // Under a key also where there is no service id, so that a second registration without one leaves this one's services with this one's model.
        string key = serviceId ?? $"Qwen3 model {Guid.NewGuid():N}";
        add(key).UseKernelFunctionInvocation().Use(client => new FunctionValuesClient(client));
        if (serviceId is null)
        {
            services.AddSingleton(provider => provider.GetRequiredKeyedService<IChatClient>(key));
            if (ownClient is not null)
            {
                services.AddSingleton(ownClient, provider => provider.GetRequiredKeyedService(ownClient, key));
            }
        }

        return services.AddKeyedSingleton<IChatCompletionService>(
            serviceId, (provider, _) => new Qwen3ChatCompletionService(provider.GetRequiredKeyedService<IChatClient>(key)));
    }
}
