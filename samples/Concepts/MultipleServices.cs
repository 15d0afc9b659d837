using System.Text.Json;
using Concepts.Parts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts;

/// <summary>
/// Two models in one kernel with a service id each: the thinking model plans, the instruct model executes the steps.
/// </summary>
internal static class MultipleServices
{
    public static async Task RunAsync(SampleModels models)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(
            models.Thinking,
            options => options.Engine.Threads = models.Threads,
            serviceId: "planner");
        builder.AddQwen3ChatCompletion(
            models.Instruct,
            options => options.Engine.Threads = models.Threads,
            serviceId: "executor");
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        builder.Plugins.AddFromType<MailPlugin>("Mail");
        Kernel kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;

        Plan plan = await PlanAsync(kernel, "Get the weather in Paris and Rome, then send a summary to Anna.");
        List<string> results = [];
        foreach (PlanStep step in plan.Steps)
        {
            Console.WriteLine($"  step {step.Id}    {step.Task}");
            string result = await ExecuteAsync(kernel, step, results);
            Console.WriteLine($"  result    {result}");
            results.Add($"{step.Id}. {result}");
        }
    }

    private static async Task<Plan> PlanAsync(Kernel kernel, string goal)
    {
        // A service is resolved by its id ...
        var planner = kernel.GetRequiredService<IChatCompletionService>("planner");
        ChatHistory history = new("You are a planner. Break the goal into steps. Answer with JSON.");
        history.AddUserMessage(goal);
        ChatMessageContent answer = await planner.GetChatMessageContentAsync(history, new()
        {
            ExtensionData = new Dictionary<string, object>
            {
                // 0 is for the nano models; a real model is best left to its own defaults.
                ["temperature"] = 0,
                ["response_format"] = AIJsonUtilities.CreateJsonSchema(typeof(Plan)),
            },
        });
        return JsonSerializer.Deserialize<Plan>(answer.Content!, JsonSerializerOptions.Web)!;
    }

    private static async Task<string> ExecuteAsync(Kernel kernel, PlanStep step, IReadOnlyCollection<string> results)
    {
        // ... or selected by the settings of a prompt.
        PromptExecutionSettings settings = new()
        {
            ServiceId = "executor",
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        string task = results.Count == 0 ? step.Task : $"{step.Task}\n\nResults so far:\n{string.Join("\n", results)}";
        FunctionResult result = await kernel.InvokePromptAsync("{{$task}}", new(settings) { ["task"] = task });
        return result.ToString();
    }
}
