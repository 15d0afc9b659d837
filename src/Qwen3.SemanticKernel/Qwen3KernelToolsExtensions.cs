using Microsoft.Extensions.AI;
using Qwen3.SemanticKernel.Mapping;

namespace Microsoft.SemanticKernel;

/// <summary>Gives a kernel's functions to agents.</summary>
public static class Qwen3KernelToolsExtensions
{
    /// <summary>Makes tools of a kernel's functions, for agents and workflows of Microsoft Agent Framework.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <returns>
    /// A tool for each function, by the name that models know it by, <c>Plugin_Function</c>. Calling it is calling the function in the kernel: with
    /// its services and filters (<see cref="IFunctionInvocationFilter"/>), which Semantic Kernel's own <c>AsAIFunctions</c> passes by.
    /// </returns>
    public static IReadOnlyList<AIFunction> AsTools(this Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return [.. kernel.Plugins.SelectMany(plugin => plugin).Select(function =>
            new KernelTool(function.WithKernel(kernel, FunctionNames.Join(function.PluginName, function.Name)), function, kernel))];
    }
}
