using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>A kernel's function as a tool, called as the kernel calls it.</summary>
/// <param name="tool">What the model sees of it.</param>
/// <param name="function">The function.</param>
/// <param name="kernel">Whose services and filters it is called with.</param>
internal sealed class KernelTool(AIFunction tool, KernelFunction function, Kernel kernel) : DelegatingAIFunction(tool)
{
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        FunctionResult result = await function.InvokeAsync(kernel, new KernelArguments(arguments), cancellationToken).ConfigureAwait(false);
        return result.GetValue<object>();
    }
}
