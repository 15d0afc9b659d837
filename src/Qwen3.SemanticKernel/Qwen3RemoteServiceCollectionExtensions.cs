using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Chat.Remote;

namespace Microsoft.SemanticKernel;

/// <summary>Registers Qwen3 models on servers, and clients that are made of several.</summary>
/// <remarks>
/// Each registration is an <see cref="IChatCompletionService"/> and an <see cref="IChatClient"/>, as singletons and, with a service id, keyed by it. Both
/// call a kernel's functions as the settings' <see cref="FunctionChoiceBehavior"/> says.
/// </remarks>
public static class Qwen3RemoteServiceCollectionExtensions
{
    /// <summary>Adds a Qwen3 model on a server: vLLM, SGLang, llama-server, LM Studio, Ollama. The <see cref="Qwen3RemoteChatClient"/> is registered too.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="endpoint">The server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</param>
    /// <param name="model">The model's name there.</param>
    /// <param name="configure">Sets the key, the variant, the retries and the rest; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(
        this IKernelBuilder builder, Uri endpoint, string model, Action<Qwen3RemoteChatClientOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(endpoint, model, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a chat client that is made of the container's services, such as a <see cref="Qwen3FallbackChatClient"/> over two of them.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="factory">Makes the client, which the container disposes.</param>
    /// <param name="serviceId">The key to ask for the services by, where a kernel has several.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IKernelBuilder AddQwen3ChatCompletion(this IKernelBuilder builder, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwen3ChatCompletion(factory, serviceId);
        return builder;
    }

    /// <summary>Adds a Qwen3 model on a server: vLLM, SGLang, llama-server, LM Studio, Ollama. The <see cref="Qwen3RemoteChatClient"/> is registered too.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="endpoint">The server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</param>
    /// <param name="model">The model's name there.</param>
    /// <param name="configure">Sets the key, the variant, the retries and the rest; the defaults if <see langword="null"/>.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(
        this IServiceCollection services, Uri endpoint, string model, Action<Qwen3RemoteChatClientOptions>? configure = null, string? serviceId = null) =>
        Qwen3ServiceCollectionExtensions.Add(
            services, serviceId, key => services.AddQwen3ChatClient(endpoint, model, configure, key), typeof(Qwen3RemoteChatClient));

    /// <summary>Adds a chat client that is made of the container's services, such as a <see cref="Qwen3FallbackChatClient"/> over two of them.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="factory">Makes the client, which the container disposes.</param>
    /// <param name="serviceId">The key to ask for the services by, where there are several.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddQwen3ChatCompletion(this IServiceCollection services, Func<IServiceProvider, IChatClient> factory, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Qwen3ServiceCollectionExtensions.Add(services, serviceId, key => services.AddKeyedChatClient(key, factory), ownClient: null);
    }
}
