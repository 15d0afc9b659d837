using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>
/// A kernel over each nano model, built once for the tests of a class; a test takes a clone to add its filters to.
/// </summary>
public sealed class KernelFixture : IDisposable
{
    private readonly Kernel _instruct = Build(NanoModels.Instruct);
    private readonly Kernel _thinking = Build(NanoModels.Thinking);

    public Kernel Instruct => _instruct.Clone();

    public Kernel Thinking => _thinking.Clone();

    /// <summary>Greedy, with the kernel's functions on offer and called.</summary>
    public static PromptExecutionSettings Auto => new()
    {
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
        ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
    };

    public void Dispose()
    {
        ((IDisposable)_instruct.Services).Dispose();
        ((IDisposable)_thinking.Services).Dispose();
    }

    private static Kernel Build(string model)
    {
        // One thread does for a model this small, and does not wait for others where the machine is busy.
        IKernelBuilder builder = Kernel
            .CreateBuilder()
            .AddQwen3ChatCompletion(model, options => options.Engine.Threads = 1);
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        builder.Plugins.AddFromType<MailPlugin>("Mail");
        return builder.Build();
    }
}
