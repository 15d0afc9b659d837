using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace FunctionCalling.Plugins;

internal sealed class MathPlugin
{
    [KernelFunction, Description("Adds two numbers.")]
    public static double Add([Description("The first number")] double a, [Description("The second number")] double b) =>
        a + b;

    [KernelFunction, Description("Multiplies two numbers.")]
    public static double Multiply(
        [Description("The first number")] double a,
        [Description("The second number")] double b
    ) => a * b;
}
