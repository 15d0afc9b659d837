using System.Text.Json;
using Concepts.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.SemanticKernel;

namespace Concepts;

/// <summary>
/// A response format: the answer is held to the schema of a record while it is generated, so that it always parses.
/// </summary>
internal static class StructuredOutput
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(models.Instruct, options => options.Engine.Threads = models.Threads);
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        // 0 is for the nano models; a real model is best left to its own defaults.
        Qwen3PromptExecutionSettings settings = new() { Temperature = 0, ResponseFormat = typeof(Person) };
        ChatHistory history = new("Extract the name, age and city as JSON.");
        history.AddUserMessage("Anna is 30 years old and lives in Rome.");
        ChatMessageContent answer = await chat.GetChatMessageContentAsync(history, settings, kernel);
        Person person = JsonSerializer.Deserialize<Person>(answer.Content!)!;
        Console.WriteLine($"  answer    {answer.Content}");
        Console.WriteLine($"  record    {person}");
    }
}
