using Microsoft.SemanticKernel;

namespace FunctionCalling;

/// <summary>Sees each function that Semantic Kernel calls for the model, and prints what it returned.</summary>
internal sealed class ResultPrinter : IAutoFunctionInvocationFilter
{
    public async Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        await next(context);
        Console.WriteLine($"  result  {context.Function.PluginName}.{context.Function.Name} -> {context.Result}");
    }
}
