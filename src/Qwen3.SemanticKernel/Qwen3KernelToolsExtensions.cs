using Microsoft.Extensions.AI;
using Qwen3.SemanticKernel.Mapping;

namespace Microsoft.SemanticKernel;

/// <summary>Provides a kernel's functions as tools for agents.</summary>
public static class Qwen3KernelToolsExtensions
{
    /// <summary>Creates tools of a kernel's functions, for agents and workflows of Microsoft Agent Framework.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <returns>
    /// A tool for each function, named <c>Plugin_Function</c>. Invoking it invokes the function in the kernel, with the
    /// kernel's services and filters (<see cref="IFunctionInvocationFilter"/>), which Semantic Kernel's own
    /// <c>AsAIFunctions</c> does not run. Its result is text or JSON of bounded size.
    /// </returns>
    public static IReadOnlyList<AIFunction> AsTools(this Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return
        [
            .. kernel
                .Plugins.SelectMany(plugin => plugin)
                .Select(function => new KernelTool(function.WithKernel(kernel), function, kernel)),
        ];
    }
}
