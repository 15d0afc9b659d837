using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Chat;
using Qwen3.Chat.Hosting;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Qwen3 models that run in this process as chat clients.</summary>
/// <remarks>
/// Each registration adds a <see cref="Qwen3ChatClient"/> and an <see cref="IChatClient"/> over it, as singletons,
/// which are keyed if there is a service key. The options are validated when the client is resolved, and when a host
/// starts. The model is loaded by the first request, or, with <see cref="Qwen3ChatClientOptions.LoadAtStart"/>, when a
/// host starts. It is freed with the container. The client, the model and the engine log to the container's logger
/// factory unless the options have others.
/// </remarks>
public static class Qwen3ChatClientServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model by its file.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="modelPath">
    /// The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.
    /// </param>
    /// <param name="configure">Configures the options.</param>
    /// <param name="serviceKey">The service key of the client, where there are several.</param>
    /// <returns>A builder for the pipeline around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services,
        string modelPath,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return services.AddQwen3ChatClient(
            options =>
            {
                options.ModelPath = modelPath;
                configure?.Invoke(options);
            },
            serviceKey);
    }

    /// <summary>
    /// Adds a Qwen3 model of the catalogue, or another model by name. It is found on this machine or fetched once.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="configure">Configures the options.</param>
    /// <param name="serviceKey">The service key of the client, where there are several.</param>
    /// <returns>A builder for the pipeline around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    /// <remarks>
    /// The first request finds or fetches the model, or the host's start with
    /// <see cref="Qwen3ChatClientOptions.LoadAtStart"/>.
    /// </remarks>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services,
        Qwen3Model model,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return services.AddQwen3ChatClient(
            options =>
            {
                options.ModelName = model.ToString();
                configure?.Invoke(options);
            },
            serviceKey);
    }

    /// <summary>Adds a Qwen3 model by its options.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">
    /// Configures the options: <see cref="Qwen3ChatClientOptions.ModelPath"/> or
    /// <see cref="Qwen3ChatClientOptions.ModelName"/> at least.
    /// </param>
    /// <param name="serviceKey">The service key of the client, where there are several.</param>
    /// <returns>A builder for the pipeline around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services, Action<Qwen3ChatClientOptions> configure, string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddQwen3ChatClient(serviceKey, options => options.Configure(configure));
    }

    /// <summary>Adds a Qwen3 model by a configuration section, whose entries have the names of the options.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">
    /// The section, with <c>ModelPath</c> or <c>ModelName</c> at least. An entry that is not an option causes an
    /// <see cref="OptionsValidationException"/> when the options are validated.
    /// </param>
    /// <param name="serviceKey">The service key of the client, where there are several.</param>
    /// <returns>A builder for the pipeline around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    [RequiresUnreferencedCode("Configuration binding uses reflection. When trimming, set the options in code.")]
    [RequiresDynamicCode("Configuration binding may generate code. With native AOT, set the options in code.")]
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services, IConfiguration section, string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddQwen3ChatClient(serviceKey, options =>
        {
            options.Services.AddSingleton<IOptionsChangeTokenSource<Qwen3ChatClientOptions>>(
                new ConfigurationChangeTokenSource<Qwen3ChatClientOptions>(options.Name, section));
            options.Configure(own => Bind(section, own, options.Name));
        });
    }

    /// <summary>Adds a Qwen3 model that is loaded already. The caller keeps ownership of it.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model, which several registrations can share.</param>
    /// <param name="configure">Configures the options.</param>
    /// <param name="serviceKey">The service key of the client, where there are several.</param>
    /// <returns>A builder for the pipeline around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services,
        LlamaModel model,
        Action<Qwen3ChatClientOptions>? configure = null,
        string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return services.AddQwen3ChatClient(
            serviceKey,
            options => options.Configure(o => o.ModelPath = model.Path).Configure(configure ?? (_ => { })),
            (_, options) => Qwen3ChatClient.Over(model, options));
    }

    private static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services,
        string? serviceKey,
        Action<OptionsBuilder<Qwen3ChatClientOptions>> configure,
        Func<IServiceProvider, Qwen3ChatClientOptions, Qwen3ChatClient>? create = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        // Also under a key of its own, so that a second registration without a service key does not replace this one's
        // model.
        var registration = new ModelRegistration(serviceKey);
        services.AddSingleton(registration);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<Qwen3ChatClientOptions>, Qwen3ChatClientOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelLoadService>());
        OptionsBuilder<Qwen3ChatClientOptions> options =
            services.AddOptions<Qwen3ChatClientOptions>(registration.OptionsName).ValidateOnStart();
        configure(options);
        options.PostConfigure<IServiceProvider>(LogToContainer);
        services.AddKeyedSingleton(registration, (provider, _) =>
        {
            Qwen3ChatClientOptions own =
                provider.GetRequiredService<IOptionsMonitor<Qwen3ChatClientOptions>>().Get(registration.OptionsName);
            return create is not null ? create(provider, own)
                : own.ModelName is { } name ? Qwen3ChatClient.LoadOnDemand(Qwen3Models.Parse(name), own)
                : Qwen3ChatClient.LoadOnDemand(own.ModelPath!, own);
        });
        services.AddKeyedSingleton(
            serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration));
        IChatClient Inner(IServiceProvider provider) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration);
        return serviceKey is null ? services.AddChatClient(Inner) : services.AddKeyedChatClient(serviceKey, Inner);
    }

    [RequiresUnreferencedCode("Configuration binding uses reflection.")]
    [RequiresDynamicCode("Configuration binding may generate code at run time.")]
    private static void Bind(IConfiguration section, Qwen3ChatClientOptions options, string name)
    {
        try
        {
            section.Bind(options, binding => binding.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            string path = section is IConfigurationSection { Path: var own }
                ? $"The configuration section '{own}'"
                : "The configuration";
            throw new OptionsValidationException(
                name,
                typeof(Qwen3ChatClientOptions),
                [$"{path} cannot be bound to {nameof(Qwen3ChatClientOptions)}. {e.Message}"]);
        }
    }

    private static void LogToContainer(Qwen3ChatClientOptions options, IServiceProvider provider)
    {
        if (provider.GetService<ILoggerFactory>() is { } logger)
        {
            options.LoggerFactory ??= logger;
            // A copy, because several registrations can share the object.
            options.Model = options.Model.Clone();
            options.Model.LoggerFactory ??= logger;
            options.Engine.LoggerFactory ??= logger;
            options.Hub.LoggerFactory ??= logger;
            string name = options.ModelPath ?? options.ModelName ?? "";
            options.Model.Progress =
                new LoadProgress(name, logger.CreateLogger<Qwen3ChatClient>(), options.Model.Progress);
        }
    }
}
