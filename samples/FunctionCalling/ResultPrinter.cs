using Microsoft.SemanticKernel;

namespace FunctionCalling;

/// <summary>Prints the result of each function that Semantic Kernel invokes for the model.</summary>
internal sealed class ResultPrinter : IAutoFunctionInvocationFilter
{
    public async Task OnAutoFunctionInvocationAsync(
        AutoFunctionInvocationContext context,
        Func<AutoFunctionInvocationContext, Task> next)
    {
        await next(context);
        Console.WriteLine($"  result  {context.Function.PluginName}.{context.Function.Name} -> {context.Result}");
    }
}
