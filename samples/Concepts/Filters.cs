using Concepts.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// Filters of a kernel: one for the calls of a model, and one for every function that is invoked.
/// </summary>
internal static class Filters
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Instruct, options => options.Engine.Threads = models.Threads);
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        builder.Services.AddSingleton<IAutoFunctionInvocationFilter, AutoCallLog>();
        builder.Services.AddSingleton<IFunctionInvocationFilter, CallLog>();
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        // Invoked by this program, not by the model: only the second filter sees it.
        await kernel.InvokeAsync("Weather", "GetWeather", new() { ["city"] = "Paris" });

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        PromptExecutionSettings settings = new()
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            // 0 is for the nano models; a real model is best left to its own defaults.
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        ChatMessageContent answer = await chat.GetChatMessageContentAsync(
            "What is the weather in Rome?",
            settings,
            kernel);
        Console.WriteLine($"  answer    {answer.Content}");
    }
}
