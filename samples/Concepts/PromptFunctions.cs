using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace Concepts;

/// <summary>
/// A prompt with arguments is a function: it can be invoked, streamed and added to a plugin.
/// </summary>
internal static class PromptFunctions
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Instruct, options => options.Engine.Threads = models.Threads);
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        KernelFunction introduce = KernelFunctionFactory.CreateFromPrompt(
            """
            <message role="system">You are a helpful assistant.</message>
            <message role="user">My name is {{$name}}.</message>
            """,
            // 0 is for the nano models; a real model is best left to its own defaults.
            new PromptExecutionSettings { ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 } },
            functionName: "Introduce");

        FunctionResult result = await kernel.InvokeAsync(introduce, new() { ["name"] = "Anna" });
        Console.WriteLine($"  whole     {result}");

        Console.Write("  streamed  ");
        await foreach (string piece in kernel.InvokeStreamingAsync<string>(introduce, new() { ["name"] = "Bob" }))
        {
            Console.Write(piece);
        }

        Console.WriteLine();
    }
}
