using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Keeps functions that are not to be invoked automatically from being invoked.</summary>
internal static class FunctionChoices
{
    /// <summary>
    /// Offers the functions as declarations where the behavior has automatic invocation off. Clients that invoke
    /// functions do not otherwise learn of the behavior: without a kernel Semantic Kernel's does not, and others never
    /// do.
    /// </summary>
    public static void Apply(FunctionChoiceBehavior? behavior, Kernel? kernel, ChatOptions options)
    {
        if (behavior is not null && options.Tools is { Count: > 0 } tools && !InvokesAutomatically(behavior, kernel))
        {
            options.Tools =
            [
                .. tools.Select(tool => tool is AIFunction function ? function.AsDeclarationOnly() : tool),
            ];
        }
    }

    private static bool InvokesAutomatically(FunctionChoiceBehavior behavior, Kernel? kernel)
    {
        try
        {
            return behavior.GetConfiguration(new(new ChatHistory()) { Kernel = kernel ?? new Kernel() }).AutoInvoke;
        }
        catch (KernelException)
        {
            // Only functions that are invoked automatically have to be in the kernel, which is not known here.
            return true;
        }
    }
}
