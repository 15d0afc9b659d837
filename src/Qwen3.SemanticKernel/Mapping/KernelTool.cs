using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>A function of a kernel as a tool, which runs the kernel's filters.</summary>
/// <param name="tool">The tool that the model sees.</param>
/// <param name="function">The function.</param>
/// <param name="kernel">The kernel with the services and filters of the function.</param>
internal sealed class KernelTool(AIFunction tool, KernelFunction function, Kernel kernel) : DelegatingAIFunction(tool)
{
    private readonly FunctionResults _results = new(
        kernel.LoggerFactory.CreateLogger("Qwen3.SemanticKernel.FunctionResults"),
        () => FunctionResults.MaxLimit);

    protected override async ValueTask<object?> InvokeCoreAsync(
        AIFunctionArguments arguments,
        CancellationToken cancellationToken)
    {
        var kernelArguments = new KernelArguments(arguments);
        FunctionArguments.Convert(function, kernelArguments);
        Task<FunctionResult> invocation = Task.Run(
            () => function.InvokeAsync(kernel, kernelArguments, cancellationToken),
            cancellationToken);
        FunctionResult result = await invocation.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _results
            .CreateAsync(result, Name, function.JsonSerializerOptions, cancellationToken)
            .ConfigureAwait(false);
    }
}
