using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// A reducer keeps a conversation within the model's context: here the system message and the last messages stay.
/// </summary>
internal static class Reducers
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
        IChatHistoryReducer reducer = new ChatHistoryTruncationReducer(targetCount: 3);

        ChatHistory history = new("You are a helpful assistant.");
        foreach (string question in (string[])["Hello!", "Who are you?", "My name is Anna.", "Thank you!"])
        {
            history.AddUserMessage(question);
            int before = history.Count;
            if (await reducer.ReduceAsync(history) is { } reduced)
            {
                history = [.. reduced];
            }

            Console.WriteLine($"  history   {before} messages, {history.Count} of them kept");
            Console.WriteLine($"  user      {question}");
            ChatMessageContent answer = await chat.GetChatMessageContentAsync(history, settings, kernel);
            history.Add(answer);
            Console.WriteLine($"  answer    {answer.Content}");
        }
    }
}
