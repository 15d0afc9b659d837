using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

// Published with native AOT: functions are called, and an answer has a type.
using Qwen3ChatClient model = Qwen3ChatClient.Load(args[0], new() { Engine = { Threads = 1 } });
IChatClient client = model.AsBuilder().UseFunctionInvocation().Build();

var asked = new List<string>();
ChatResponse answer = await client.GetResponseAsync(
    "What is the weather in Paris?", new() { Temperature = 0, Tools = [Weather("Weather_GetWeather", city => new(city, "sunny", 21))] });
Console.WriteLine($"asked for: {string.Join(", ", asked)}");
Console.WriteLine($"answer: {answer.Text}");

// The result's type has no source-generated JSON: the model is told, and the request goes on.
ChatMessage[] failed =
[
    new(ChatRole.User, "What is the weather in Paris?"),
    new(ChatRole.Assistant, [new FunctionCallContent("1", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Paris" })]),
    new(ChatRole.Tool, [new FunctionResultContent("1", new Unknown("sunny"))]),
];
Console.WriteLine($"told: {Qwen3Prompt.Create(model.Variant, failed).ToString().Split('\n').Single(line => line.StartsWith("Error"))}");
Console.WriteLine($"went on: {(await client.GetResponseAsync(failed, new() { Temperature = 0, MaxOutputTokens = 20 })).FinishReason}");

ChatResponse<Forecast> typed = await model.GetResponseAsync<Forecast>(
    "Tell me about the weather.", Json.Default.Options, new() { Temperature = 0, MaxOutputTokens = 200 });
Console.WriteLine($"typed: {typed.FinishReason} {typed.TryGetResult(out Forecast? forecast)} {forecast?.GetType().Name}");

AIFunction Weather(string name, Func<string, Report> get) => AIFunctionFactory.Create(
    (string city) =>
    {
        asked.Add(city);
        return get(city);
    },
    new AIFunctionFactoryOptions { Name = name, Description = "Gets the current weather in a city.", SerializerOptions = Json.Default.Options });

internal sealed record Report(string City, string Sky, int Degrees);

// An answer of a few tokens, whatever the model writes.
internal sealed record Forecast(Sky Sky, bool IsWarm);

internal enum Sky
{
    Sunny,
    Cloudy,
}

internal sealed record Unknown(string Sky);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(Forecast))]
[JsonSerializable(typeof(string))]
internal sealed partial class Json : JsonSerializerContext;
