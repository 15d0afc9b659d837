using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// A stream: the reasoning comes first, as contents of its own type; <c>Content</c> is the answer alone.
/// </summary>
internal static class Streaming
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Thinking, options => options.Engine.Threads = models.Threads);
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        // 0 is for the nano models; a real model is best left to its own defaults.
        PromptExecutionSettings settings = new()
        {
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        ChatHistory history = [];
        history.AddUserMessage("Who are you?");
        Console.Write("  user      Who are you?");

        Type? open = null;
        await foreach (
            StreamingChatMessageContent update in chat.GetStreamingChatMessageContentsAsync(history, settings, kernel))
        {
            foreach (StreamingKernelContent item in update.Items)
            {
                if (item.GetType() != open)
                {
                    open = item.GetType();
                    Console.Write(item is StreamingReasoningContent ? "\n  thinks    " : "\n  answer    ");
                }

                Console.Write(item is StreamingReasoningContent reasoning ? Dim(reasoning.Text) : item.ToString());
            }
        }

        Console.WriteLine();
    }

    private static string Dim(string? text) => Console.IsOutputRedirected ? text ?? "" : $"\e[2m{text}\e[0m";
}
