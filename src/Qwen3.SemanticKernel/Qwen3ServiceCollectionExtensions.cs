using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Chat;
using Qwen3.SemanticKernel;

namespace Microsoft.SemanticKernel;

/// <summary>Registers Qwen3 models that run in this process.</summary>
public static class Qwen3ServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model as <see cref="IChatCompletionService"/> and as <see cref="IChatClient"/>.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.</param>
    /// <param name="configure">Sets how the model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <inheritdoc cref="AddQwen3ChatCompletion(IServiceCollection, string, Action{Qwen3ChatClientOptions}, string)" path="/remarks"/>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, string modelPath, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model as <see cref="IChatCompletionService"/> and as <see cref="IChatClient"/>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model: Instruct-2507, Thinking-2507 or the hybrid of April 2025.</param>
    /// <param name="configure">Sets how the model is loaded and treated; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// Both services share one model, which is loaded when either is first asked for and freed with the container. What is wrong with the
    /// file is said then, by a <see cref="FileNotFoundException"/> or a <see cref="Qwen3.LlamaCpp.LlamaException"/>. Both call a kernel's
    /// functions as the settings' <see cref="FunctionChoiceBehavior"/> says. The model and its engine log to the container's logger factory.
    /// </remarks>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, string modelPath, Action<Qwen3ChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        // Under a key of its own too, so that a second registration without a service id leaves this one's services with this one's model.
        var registration = new object();
        services.AddKeyedSingleton(registration, (provider, _) =>
        {
            var options = new Qwen3ChatClientOptions();
            options.LoggerFactory = options.Model.LoggerFactory = options.Engine.LoggerFactory = provider.GetService<ILoggerFactory>();
            configure?.Invoke(options);
            return Qwen3ChatClient.Load(modelPath, options);
        });
        services.AddKeyedSingleton<IChatClient>(registration, (provider, _) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration)
            .AsBuilder()
            .UseKernelFunctionInvocation(provider.GetService<ILoggerFactory>())
            .Build(provider));
        services.AddKeyedSingleton(serviceId, (provider, _) => provider.GetRequiredKeyedService<Qwen3ChatClient>(registration));
        services.AddKeyedSingleton(serviceId, (provider, _) => provider.GetRequiredKeyedService<IChatClient>(registration));
        services.AddKeyedSingleton<IChatCompletionService>(
            serviceId, (provider, _) => new Qwen3ChatCompletionService(provider.GetRequiredKeyedService<IChatClient>(registration)));
        return services;
    }
}
