using FunctionCalling;
using FunctionCalling.Plugins;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.LlamaCpp;
using Qwen3.Models;

if (SampleArguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(SampleArguments.Usage);
    return 2;
}

try
{
    if (arguments.Model is { } model)
    {
        await AskAsync(model, arguments.Prompt ?? "What is the weather in Rome? Send it to Anna.");
    }
    else
    {
        await AskAsync(NanoModels.Instruct, arguments.Prompt ?? "What is the weather in Hanoi and Tokyo?");
        await AskAsync(NanoModels.Thinking, arguments.Prompt ?? "What is the weather in Rome? Send it to Anna.");
    }

    return 0;
}
catch (Exception e) when (e is LlamaException or FileNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static async Task AskAsync(string model, string question)
{
    IKernelBuilder builder = Kernel.CreateBuilder();
    builder.AddQwen3ChatCompletion(model);
    builder.Plugins.AddFromType<WeatherPlugin>("Weather");
    builder.Plugins.AddFromType<MathPlugin>("Math");
    builder.Plugins.AddFromType<MailPlugin>("Mail");
    builder.Services.AddSingleton<IAutoFunctionInvocationFilter, ResultPrinter>();
    Kernel kernel = builder.Build();
    await using var services = (ServiceProvider)kernel.Services;

    var chat = kernel.GetRequiredService<IChatCompletionService>();
    PromptExecutionSettings settings = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
    if (model.Contains("nano", StringComparison.OrdinalIgnoreCase))
    {
        // The nano models are too small for sampling; with a temperature of 0 they repeat what they learned. A real
        // Qwen3 model keeps its own defaults.
        settings.ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 };
    }

    ChatHistory history = [];
    history.AddUserMessage(question);

    Console.WriteLine($"{chat.Attributes["ModelId"]}\n  user    {question}");
    UsageDetails? usage = null;
    using var lines = new AnswerPrinter();
    await foreach (
        StreamingChatMessageContent update in chat.GetStreamingChatMessageContentsAsync(history, settings, kernel))
    {
        foreach (StreamingKernelContent item in update.Items)
        {
            lines.Print(item);
        }

        if (update.Metadata?.GetValueOrDefault("Usage") is UsageDetails total)
        {
            // The end of a step: a function is called next, or the answer is complete.
            lines.EndLine();
            usage = total;
        }
    }

    Console.WriteLine(
        $"  tokens  {usage?.InputTokenCount} in ({usage?.CachedInputTokenCount} of them cached), {usage?.OutputTokenCount} out ({usage?.ReasoningTokenCount} of them reasoning)\n");
}
