using Microsoft.SemanticKernel;

namespace Concepts.Parts;

/// <summary>Logs each function that the kernel invokes, for the model or for the app.</summary>
internal sealed class CallLog : IFunctionInvocationFilter
{
    public async Task OnFunctionInvocationAsync(
        FunctionInvocationContext context,
        Func<FunctionInvocationContext, Task> next)
    {
        string arguments = string.Join(", ", context.Arguments.Select(argument => $"{argument.Key}: {argument.Value}"));
        await next(context);
        Console.WriteLine(
            $"  function  {context.Function.PluginName}.{context.Function.Name}({arguments}) -> {context.Result}");
    }
}
