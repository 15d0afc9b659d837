using Microsoft.Extensions.AI;
using Qwen3.SemanticKernel;
using Qwen3.SemanticKernel.Thinking;

namespace Microsoft.SemanticKernel;

/// <summary>Gives the models of a kernel, whichever they are, a Qwen3 Thinking model to turn to.</summary>
public static class Qwen3ThinkingPluginExtensions
{
    private const string DefaultName = "Thinking";

    /// <summary>
    /// Adds a plugin of two functions that a Thinking model carries out: <c>SolveHardQuestion</c> answers a question, and <c>MakePlan</c> breaks a
    /// goal down into steps.
    /// </summary>
    /// <param name="plugins">The kernel's plugins.</param>
    /// <param name="client">The Thinking model, which stays the caller's.</param>
    /// <param name="settings">
    /// How the model is asked: its thinking budget, limits, sampling. The default is as its card advises. The reasoning is not returned unless
    /// <see cref="Qwen3PromptExecutionSettings.ReasoningOutput"/> asks for it, and never with a plan.
    /// <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/> is not read: the model has no functions itself.
    /// </param>
    /// <param name="pluginName">The plugin's name.</param>
    /// <returns>The plugin.</returns>
    /// <remarks>
    /// A plan is JSON, <c>{"steps": [{"id": 1, "task": "…", "dependsOn": []}, …]}</c>, and always fits that form; the model knows the names and
    /// descriptions of the kernel's other functions. An answer that was cut off is a <see cref="KernelException"/> of the function, which the
    /// calling model hears of.
    /// </remarks>
    public static KernelPlugin AddQwen3Thinking(
        this ICollection<KernelPlugin> plugins, IChatClient client, Qwen3PromptExecutionSettings? settings = null, string pluginName = DefaultName)
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
    /// <param name="settings">As with a client.</param>
    /// <param name="pluginName">The plugin's name.</param>
    public static KernelPlugin AddQwen3Thinking(
        this ICollection<KernelPlugin> plugins, string serviceId, Qwen3PromptExecutionSettings? settings = null, string pluginName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        KernelPlugin plugin = Create(serviceId, settings, pluginName);
        plugins.Add(plugin);
        return plugin;
    }

    /// <inheritdoc cref="AddQwen3Thinking(ICollection{KernelPlugin}, IChatClient, Qwen3PromptExecutionSettings, string)"/>
    /// <param name="plugins">The plugins of the kernel to build.</param>
    /// <param name="serviceId">The service id of the Thinking model in that kernel.</param>
    /// <param name="settings">As with a client.</param>
    /// <param name="pluginName">The plugin's name.</param>
    /// <returns><paramref name="plugins"/>.</returns>
    public static IKernelBuilderPlugins AddQwen3Thinking(
        this IKernelBuilderPlugins plugins, string serviceId, Qwen3PromptExecutionSettings? settings = null, string pluginName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        return plugins.Add(Create(serviceId, settings, pluginName));
    }

    private static KernelPlugin Create(string serviceId, Qwen3PromptExecutionSettings? settings, string pluginName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceId);
        return Create(kernel => kernel.GetRequiredService<IChatClient>(serviceId), settings, pluginName);
    }

    private static KernelPlugin Create(Func<Kernel, IChatClient> findClient, Qwen3PromptExecutionSettings? settings, string pluginName)
    {
        // A copy, since functions run at any time and the caller may go on to change the settings.
        var request = (Qwen3PromptExecutionSettings)(settings ?? new()).Clone();
        request.FunctionChoiceBehavior = null;
        return KernelPluginFactory.CreateFromObject(new ThinkingPlugin(findClient, request, pluginName), pluginName);
    }
}
