using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>A conversation: the app keeps the history and adds the answers to it.</summary>
internal static class ChatCompletion
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Instruct, options => options.Engine.Threads = models.Threads);
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        // 0 is for the nano models; a real model is best left to its own defaults.
        PromptExecutionSettings settings = new()
        {
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };

        ChatHistory history = [];
        foreach (string question in (string[])["Who are you?", "My name is Anna."])
        {
            Console.WriteLine($"  user      {question}");
            history.AddUserMessage(question);
            ChatMessageContent answer = await chat.GetChatMessageContentAsync(history, settings, kernel);
            history.Add(answer);
            Console.WriteLine($"  answer    {answer.Content}");
        }
    }
}
