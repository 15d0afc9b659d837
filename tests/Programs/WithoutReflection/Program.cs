using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.SemanticKernel;
using WithoutReflection;

// Each line is what a test looks for: the surface of Semantic Kernel where reflection-based JSON is off.
Console.WriteLine($"reflection: {JsonSerializer.IsReflectionEnabledByDefault}");
IKernelBuilder builder = Kernel.CreateBuilder().AddQwen3ChatCompletion(NanoModels.Instruct, options => options.Engine.Threads = 1);
builder.Plugins.AddFromFunctions("Weather", [KernelFunctionFactory.CreateFromMethod(
    (string city) => new Forecast(city == "Paris" ? "sunny" : "rainy", 21), AppJson.Default.Options, "GetWeather", "Gets the current weather in a city.")]);
Kernel kernel = builder.Build();
using var services = (ServiceProvider)kernel.Services;
var chat = kernel.GetRequiredService<IChatCompletionService>();
Qwen3PromptExecutionSettings auto = new() { Temperature = 0, MaxTokens = 200, FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

PromptExecutionSettings plain = new() { ExtensionData = new Dictionary<string, object> { ["temperature"] = 0, ["max_tokens"] = "64", ["stop"] = "today" } };
Console.WriteLine($"plain settings: {(await chat.GetChatMessageContentAsync("Hello!", plain)).Content}");
Console.WriteLine($"derived settings: {(await chat.GetChatMessageContentAsync("Hello!", new ShortSettings { Temperature = 0 })).Metadata!["FinishReason"]}");

ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
await chat.GetChatMessageContentAsync(history, auto, kernel);
Console.WriteLine($"own type: {history[2].Items.OfType<Microsoft.SemanticKernel.FunctionResultContent>().Single().Result}");
Console.WriteLine($"prompt: {await kernel.InvokePromptAsync("My name is {{$name}}.", new(auto) { ["name"] = "Anna" })}");

kernel.Plugins.Clear();
kernel.Plugins.AddFromFunctions("Weather", [KernelFunctionFactory.CreateFromMethod((string city, double degrees, bool exact, DayOfWeek day = DayOfWeek.Friday) => new Unknown(city), "GetWeather", "Gets the current weather in a city.")]);
history = [new(AuthorRole.User, "What is the weather in Paris?")];
ChatMessageContent answer = await chat.GetChatMessageContentAsync(history, auto, kernel);
Console.WriteLine($"unknown type: {history[2].Items.OfType<Microsoft.SemanticKernel.FunctionResultContent>().Single().Result} {answer.Content?.Length > 0}");

Qwen3PromptExecutionSettings typed = new() { Temperature = 0, MaxTokens = 200, ResponseFormat = AppJson.Default.Forecast };
Forecast forecast = JsonSerializer.Deserialize((await chat.GetChatMessageContentAsync("Hello!", typed)).Content!, AppJson.Default.Forecast)!;
Console.WriteLine($"typed answer: {forecast.Sky is not null}");
typed.ResponseFormat = typeof(Forecast);
try
{
    await chat.GetChatMessageContentAsync("Hello!", typed);
}
catch (ArgumentException e)
{
    Console.WriteLine($"type without metadata: {e.Message}");
}

kernel.Plugins.AddQwen3Thinking(kernel.GetRequiredService<IChatClient>());
Console.WriteLine($"tools: {string.Join(' ', kernel.AsTools().Select(tool => tool.Name))}");
Console.WriteLine($"streamed call: {await StreamedCallAsync()}");

async Task<string?> StreamedCallAsync()
{
    auto.FunctionChoiceBehavior = FunctionChoiceBehavior.Required([kernel.Plugins.GetFunction("Weather", "GetWeather")], autoInvoke: false);
    await foreach (StreamingChatMessageContent update in chat.GetStreamingChatMessageContentsAsync("What is the weather in Paris?", auto, kernel))
    {
        if (update.Items.OfType<StreamingFunctionCallUpdateContent>().FirstOrDefault() is { } call)
        {
            return $"{call.Name} {call.Arguments}";
        }
    }

    return null;
}

namespace WithoutReflection
{
    internal sealed record Forecast(string Sky, int Degrees);

    internal sealed record Unknown(string City);

    internal sealed class ShortSettings : PromptExecutionSettings
    {
        public double Temperature { get; init; }

        protected override void PrepareChatOptionsForRequest(ChatOptions options) => options.MaxOutputTokens = 2;
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Forecast))]
    [JsonSerializable(typeof(string))]
    internal sealed partial class AppJson : JsonSerializerContext;
}
