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
/// Each registration is a <see cref="Qwen3ChatClient"/> and, over it, an <see cref="IChatClient"/>, both singletons and, with a service key, keyed.
/// The options are checked when the client is first asked for, and when a host starts. The model is loaded by the first request, or, with
/// <see cref="Qwen3ChatClientOptions.LoadAtStart"/>, when a host starts; it is freed with the container. The client, the model and the
/// engine log to the container's logger factory unless the options name others.
/// </remarks>
public static class Qwen3ChatClientServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model by its file.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.</param>
    /// <param name="configure">Sets how the model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the client by, where there are several.</param>
    /// <returns>A builder for what is to be around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services, string modelPath, Action<Qwen3ChatClientOptions>? configure = null, string? serviceKey = null)
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

    /// <summary>Adds a Qwen3 model of the catalogue, or any other by name. It is found on this machine or fetched once.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="configure">Sets how the model is fetched, loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the client by, where there are several.</param>
    /// <returns>A builder for what is to be around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    /// <remarks>
    /// Finding and fetching is part of loading: by the first request, or at the host's start with <see cref="Qwen3ChatClientOptions.LoadAtStart"/>.
    /// </remarks>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services, Qwen3Model model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceKey = null)
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
    /// Sets <see cref="Qwen3ChatClientOptions.ModelPath"/> or <see cref="Qwen3ChatClientOptions.ModelName"/>, and how the model is loaded and treated.
    /// </param>
    /// <param name="serviceKey">The key to ask for the client by, where there are several.</param>
    /// <returns>A builder for what is to be around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(this IServiceCollection services, Action<Qwen3ChatClientOptions> configure, string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddQwen3ChatClient(serviceKey, options => options.Configure(configure));
    }

    /// <summary>Adds a Qwen3 model by a section of the configuration, whose entries are named as the options are.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">
    /// The section, with <c>ModelPath</c> or <c>ModelName</c> at least. An entry that is no option is an <see cref="OptionsValidationException"/> when the options are checked.
    /// </param>
    /// <param name="serviceKey">The key to ask for the client by, where there are several.</param>
    /// <returns>A builder for what is to be around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    [RequiresUnreferencedCode("Binding a configuration finds the options' properties by reflection. In a trimmed application set them in code.")]
    [RequiresDynamicCode("Binding a configuration may make code at run time. In an application compiled ahead of time set the options in code.")]
    public static ChatClientBuilder AddQwen3ChatClient(this IServiceCollection services, IConfiguration section, string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddQwen3ChatClient(serviceKey, options =>
        {
            options.Services.AddSingleton<IOptionsChangeTokenSource<Qwen3ChatClientOptions>>(
                new ConfigurationChangeTokenSource<Qwen3ChatClientOptions>(options.Name, section));
            options.Configure(own => Bind(section, own, options.Name));
        });
    }

    /// <summary>Adds a Qwen3 model that is loaded already, and stays the caller's to dispose.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="model">The model; several registrations can share it.</param>
    /// <param name="configure">Sets how the model is treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the client by, where there are several.</param>
    /// <returns>A builder for what is to be around the client, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddQwen3ChatClient(
        this IServiceCollection services, LlamaModel model, Action<Qwen3ChatClientOptions>? configure = null, string? serviceKey = null)
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
        // Under a key of its own too, so that a second registration without a service key leaves this one's services with this one's model.
        var registration = new ModelRegistration(serviceKey);
        services.AddSingleton(registration);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Qwen3ChatClientOptions>, Qwen3ChatClientOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelLoadService>());
        OptionsBuilder<Qwen3ChatClientOptions> options = services.AddOptions<Qwen3ChatClientOptions>(registration.OptionsName).ValidateOnStart();
        configure(options);
        options.PostConfigure<IServiceProvider>(LogToContainer);
        services.AddKeyedSingleton(registration, (provider, _) =>
        {
            Qwen3ChatClientOptions own = provider.GetRequiredService<IOptionsMonitor<Qwen3ChatClientOptions>>().Get(registration.OptionsName);
            return create is not null ? create(provider, own)
                : own.ModelName is { } name ? Qwen3ChatClient.LoadOnDemand(Qwen3Models.Parse(name), own)
                : Qwen3ChatClient.LoadOnDemand(own.ModelPath!, own);
        });
        services.AddKeyedSingleton(serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration));
        IChatClient Inner(IServiceProvider provider) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration);
        return serviceKey is null ? services.AddChatClient(Inner) : services.AddKeyedChatClient(serviceKey, Inner);
    }

    [RequiresUnreferencedCode("Binding a configuration finds the options' properties by reflection.")]
    [RequiresDynamicCode("Binding a configuration may make code at run time.")]
    private static void Bind(IConfiguration section, Qwen3ChatClientOptions options, string name)
    {
        try
        {
            section.Bind(options, binding => binding.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            string path = section is IConfigurationSection { Path: var own } ? $"The section '{own}' of the configuration" : "The configuration";
            throw new OptionsValidationException(name, typeof(Qwen3ChatClientOptions), [$"{path} does not fit the options of a Qwen3 model. {e.Message}"]);
        }
    }

    private static void LogToContainer(Qwen3ChatClientOptions options, IServiceProvider provider)
    {
        if (provider.GetService<ILoggerFactory>() is { } logger)
        {
            options.LoggerFactory ??= logger;
            // A copy, for several registrations may have been given one and the same.
            options.Model = options.Model.Clone();
            options.Model.LoggerFactory ??= logger;
            options.Engine.LoggerFactory ??= logger;
            options.Hub.LoggerFactory ??= logger;
            string name = options.ModelPath ?? options.ModelName ?? "";
            options.Model.Progress = new LoadProgress(name, logger.CreateLogger<Qwen3ChatClient>(), options.Model.Progress);
        }
    }
}
