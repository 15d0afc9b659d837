using Microsoft.SemanticKernel;

namespace Concepts.Parts;

/// <summary>
/// Logs the calls of a model. A filter can also change a result, or end the loop with <c>context.Terminate</c>.
/// </summary>
internal sealed class AutoCallLog : IAutoFunctionInvocationFilter
{
    public async Task OnAutoFunctionInvocationAsync(
        AutoFunctionInvocationContext context,
        Func<AutoFunctionInvocationContext, Task> next)
    {
        Console.WriteLine(
            $"  model     step {context.RequestSequenceIndex + 1}, call {context.FunctionSequenceIndex + 1} of {context.FunctionCount}: {context.Function.Name}");
        await next(context);
    }
}
