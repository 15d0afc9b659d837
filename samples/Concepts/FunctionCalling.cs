using Concepts.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// The model calls functions until it can answer; the history has the calls and their results.
/// </summary>
internal static class FunctionCalling
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Instruct, options => options.Engine.Threads = models.Threads);
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        PromptExecutionSettings settings = new()
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            // 0 is for the nano models; a real model is best left to its own defaults.
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        ChatHistory history = [];
        history.AddUserMessage("What is the weather in Hanoi and Tokyo?");
        history.Add(await chat.GetChatMessageContentAsync(history, settings, kernel));

        foreach (KernelContent item in history.SelectMany(message => message.Items))
        {
            Console.WriteLine(
                item switch
                {
                    FunctionCallContent call =>
                        $"  call      {call.PluginName}.{call.FunctionName}({string.Join(", ", call.Arguments?.Values ?? [])})",
                    FunctionResultContent result => $"  result    {result.Result}",
                    _ => $"  text      {item}",
                }
            );
        }
    }
}
