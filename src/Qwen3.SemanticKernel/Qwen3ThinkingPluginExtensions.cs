using Microsoft.Extensions.AI;
using Qwen3.SemanticKernel;
using Qwen3.SemanticKernel.Thinking;

namespace Microsoft.SemanticKernel;

/// <summary>Provides a Qwen3 Thinking model to the other models of a kernel, as a plugin.</summary>
public static class Qwen3ThinkingPluginExtensions
{
    private const string DefaultName = "Thinking";

    /// <summary>
    /// Adds a plugin with two functions that a Thinking model executes: <c>SolveHardQuestion</c> answers a question,
    /// and <c>MakePlan</c> breaks a goal down into steps.
    /// </summary>
    /// <param name="plugins">The kernel's plugins.</param>
    /// <param name="client">The Thinking model. The caller disposes it.</param>
    /// <param name="settings">
    /// The settings of its requests: thinking budget, limits, sampling. The default is the defaults of the model's
    /// card. The reasoning is returned only where <see cref="Qwen3PromptExecutionSettings.ReasoningOutput"/> asks for
    /// it, and never with a plan. <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/> is not read: the model
    /// is offered no functions.
    /// </param>
    /// <param name="pluginName">The plugin's name.</param>
    /// <returns>The plugin.</returns>
    /// <remarks>
    /// A plan is JSON, <c>{"steps": [{"id": 1, "task": "…", "dependsOn": []}, …]}</c>, and always fits that form. The
    /// prompt has the names and descriptions of the kernel's other functions. An answer that reaches its maximum number
    /// of tokens is a <see cref="KernelException"/> of the function, of which the calling model is told.
    /// </remarks>
    public static KernelPlugin AddQwen3Thinking(
        this ICollection<KernelPlugin> plugins,
        IChatClient client,
        Qwen3PromptExecutionSettings? settings = null,
        string pluginName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        ArgumentNullException.ThrowIfNull(client);
        KernelPlugin plugin = Create(_ => client, settings, pluginName);
        plugins.Add(plugin);
        return plugin;
    }

    /// <inheritdoc cref="AddQwen3Thinking(ICollection{KernelPlugin}, IChatClient, Qwen3PromptExecutionSettings, string)"/>
    /// <param name="plugins">The kernel's plugins.</param>
    /// <param name="serviceId">The service id of the Thinking model in the kernel that calls the functions.</param>
    /// <param name="settings">The settings of its requests, as with a client.</param>
    /// <param name="pluginName">The plugin's name.</param>
    public static KernelPlugin AddQwen3Thinking(
        this ICollection<KernelPlugin> plugins,
        string serviceId,
        Qwen3PromptExecutionSettings? settings = null,
        string pluginName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        KernelPlugin plugin = Create(serviceId, settings, pluginName);
        plugins.Add(plugin);
        return plugin;
    }

    /// <inheritdoc cref="AddQwen3Thinking(ICollection{KernelPlugin}, IChatClient, Qwen3PromptExecutionSettings, string)"/>
    /// <param name="plugins">The plugins of the kernel to build.</param>
    /// <param name="serviceId">The service id of the Thinking model in that kernel.</param>
    /// <param name="settings">The settings of its requests, as with a client.</param>
    /// <param name="pluginName">The plugin's name.</param>
    /// <returns><paramref name="plugins"/>.</returns>
    public static IKernelBuilderPlugins AddQwen3Thinking(
        this IKernelBuilderPlugins plugins,
        string serviceId,
        Qwen3PromptExecutionSettings? settings = null,
        string pluginName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        return plugins.Add(Create(serviceId, settings, pluginName));
    }

    private static KernelPlugin Create(string serviceId, Qwen3PromptExecutionSettings? settings, string pluginName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceId);
        return Create(kernel => kernel.GetRequiredService<IChatClient>(serviceId), settings, pluginName);
    }

    private static KernelPlugin Create(
        Func<Kernel, IChatClient> findClient,
        Qwen3PromptExecutionSettings? settings,
        string pluginName)
    {
        // A copy, as functions run at any time and the caller may change the settings.
        var request = (Qwen3PromptExecutionSettings)(settings ?? new()).Clone();
        request.FunctionChoiceBehavior = null;
        return KernelPluginFactory.CreateFromObject(new ThinkingPlugin(findClient, request, pluginName), pluginName);
    }
}
