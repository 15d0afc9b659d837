using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Agents;
using Qwen3.Chat;
using Qwen3.Chat.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a planner, an executor and the workflow of both.</summary>
/// <remarks>
/// Each registration is a <see cref="Qwen3Workflow"/>, its <see cref="PlannerAgent"/> and <see cref="ExecutorAgent"/>, and the workflow as an
/// <see cref="AIAgent"/>, all singletons and, with a service key, keyed. The options are checked when the workflow is first asked for, and when a
/// host starts. Workflow and models log to the container's logger factory, and functions get the container, unless the options name others.
/// </remarks>
public static class Qwen3AgentsServiceCollectionExtensions
{
    /// <summary>Adds the workflow by its two models' files.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="thinkingModelPath">The GGUF file of Qwen3-4B-Thinking-2507, which plans.</param>
    /// <param name="instructModelPath">
    /// The GGUF file of Qwen3-4B-Instruct-2507, which carries out the steps. If it is the same file, it is loaded once.
    /// </param>
    /// <param name="configure">Sets functions, limits and the rest; the defaults if <see langword="null"/>.</param>
    /// <param name="configureModels">Sets how each model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// The models are <see cref="IChatClient"/>s under the keys <c>qwen3-thinking</c> and <c>qwen3-instruct</c>, after the service key and a hyphen
    /// if there is one; each is loaded by its first request.
    /// </remarks>
    public static IServiceCollection AddQwen3Agents(
        this IServiceCollection services,
        string thinkingModelPath,
        string instructModelPath,
        Action<Qwen3WorkflowOptions>? configure = null,
        Action<Qwen3ChatClientOptions>? configureModels = null,
        string? serviceKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(thinkingModelPath);
        ArgumentException.ThrowIfNullOrWhiteSpace(instructModelPath);
        return services.AddQwen3Agents(
            key => services.AddQwen3ChatClient(thinkingModelPath, configureModels, key),
            Path.GetFullPath(thinkingModelPath) == Path.GetFullPath(instructModelPath)
                ? null
                : key => services.AddQwen3ChatClient(instructModelPath, configureModels, key),
            configure,
            serviceKey);
    }

    /// <summary>Adds the workflow by its two models, which are found on this machine or fetched.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="thinkingModel">The model that plans, such as <see cref="Qwen3Models.Thinking2507"/>.</param>
    /// <param name="instructModel">
    /// The model that carries out the steps, such as <see cref="Qwen3Models.Instruct2507"/>. If it is the same, it is loaded once.
    /// </param>
    /// <param name="configure">Sets functions, limits and the rest; the defaults if <see langword="null"/>.</param>
    /// <param name="configureModels">Sets how each model is fetched, loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <inheritdoc cref="AddQwen3Agents(IServiceCollection, string, string, Action{Qwen3WorkflowOptions}?, Action{Qwen3ChatClientOptions}?, string?)" path="/remarks"/>
    public static IServiceCollection AddQwen3Agents(
        this IServiceCollection services,
        Qwen3Model thinkingModel,
        Qwen3Model instructModel,
        Action<Qwen3WorkflowOptions>? configure = null,
        Action<Qwen3ChatClientOptions>? configureModels = null,
        string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(thinkingModel);
        ArgumentNullException.ThrowIfNull(instructModel);
        return services.AddQwen3Agents(
            key => services.AddQwen3ChatClient(thinkingModel, configureModels, key),
            thinkingModel == instructModel ? null : key => services.AddQwen3ChatClient(instructModel, configureModels, key),
            configure,
            serviceKey);
    }

    /// <summary>Adds the workflow over two clients, which stay whose they are.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="thinking">Finds the client of the model that plans.</param>
    /// <param name="instruct">Finds the client of the model that carries out the steps, without function invocation.</param>
    /// <param name="configure">Sets functions, limits and the rest; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceKey">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3Agents(
        this IServiceCollection services,
        Func<IServiceProvider, IChatClient> thinking,
        Func<IServiceProvider, IChatClient> instruct,
        Action<Qwen3WorkflowOptions>? configure = null,
        string? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(thinking);
        ArgumentNullException.ThrowIfNull(instruct);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Qwen3WorkflowOptions>, WorkflowOptionsValidator>());
        services.AddOptions<Qwen3WorkflowOptions>(serviceKey).ValidateOnStart()
            .Configure(configure ?? (_ => { }))
            .PostConfigure<IServiceProvider>((options, provider) =>
            {
                options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
                options.Services ??= provider;
            });
        services.AddKeyedSingleton(serviceKey, (provider, _) => new Qwen3Workflow(
            thinking(provider), instruct(provider), provider.GetRequiredService<IOptionsMonitor<Qwen3WorkflowOptions>>().Get(serviceKey)));
        services.AddKeyedSingleton(serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3Workflow>(serviceKey).Planner);
        services.AddKeyedSingleton(serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3Workflow>(serviceKey).Executor);
        return services.AddKeyedSingleton(serviceKey, (provider, _) => provider.GetRequiredKeyedService<Qwen3Workflow>(serviceKey).AsAIAgent());
    }

    /// <param name="services">The service collection.</param>
    /// <param name="addThinking">Adds the model that plans under a key.</param>
    /// <param name="addInstruct">Adds the other one; <see langword="null"/> if one does both.</param>
    /// <param name="configure">Sets functions, limits and the rest.</param>
    /// <param name="serviceKey">The key to ask for the services by.</param>
    private static IServiceCollection AddQwen3Agents(
        this IServiceCollection services,
        Action<string> addThinking,
        Action<string>? addInstruct,
        Action<Qwen3WorkflowOptions>? configure,
        string? serviceKey)
    {
        string prefix = serviceKey is null ? "" : $"{serviceKey}-";
        string thinking = $"{prefix}qwen3-thinking", instruct = $"{prefix}qwen3-instruct";
        addThinking(thinking);
        if (addInstruct is null)
        {
            services.AddKeyedSingleton(instruct, (provider, _) => provider.GetRequiredKeyedService<IChatClient>(thinking));
        }
        else
        {
            addInstruct(instruct);
        }

        return services.AddQwen3Agents(
            provider => provider.GetRequiredKeyedService<IChatClient>(thinking),
            provider => provider.GetRequiredKeyedService<IChatClient>(instruct),
            configure,
            serviceKey);
    }
}
