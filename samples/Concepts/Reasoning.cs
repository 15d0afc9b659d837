using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// The reasoning of a thinking model is a content of the answer, and a budget in tokens limits it.
/// </summary>
internal static class Reasoning
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Thinking, options => options.Engine.Threads = models.Threads);
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        foreach (int? budget in (int?[])[null, 0, 4])
        {
            PromptExecutionSettings settings = new()
            {
                // 0 is for the nano models; a real model is best left to its own defaults.
                ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
            };
            if (budget is { } tokens)
            {
                settings.ExtensionData["thinking_budget"] = tokens;
            }

            ChatMessageContent answer = await chat.GetChatMessageContentAsync("My name is Anna.", settings, kernel);
            Console.WriteLine($"  budget    {budget?.ToString() ?? "none set"}");
            foreach (ReasoningContent reasoning in answer.Items.OfType<ReasoningContent>())
            {
                // Reasoning that reaches the budget ends with a sentence that leads the model to its answer.
                Console.WriteLine($"  thinks    {reasoning.Text.ReplaceLineEndings(" ")}");
            }

            if (answer.Metadata?.GetValueOrDefault("thinking_end") is { } end)
            {
                // An answer follows, but that of a nano model makes no sense after such reasoning.
                Console.WriteLine($"  ended by  {end}");
            }
            else
            {
                Console.WriteLine($"  answer    {answer.Content}");
            }
        }
    }
}
