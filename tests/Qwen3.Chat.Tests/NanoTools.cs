using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests;

/// <summary>Functions of the kinds that the nano models know.</summary>
internal static class NanoTools
{
    public static AIFunction Weather { get; } = AIFunctionFactory.Create(
        ([Description("The city")] string city) => "sunny, 21 degrees", "Weather_GetWeather", "Gets the current weather in a city.");

    public static AIFunction Add { get; } = AIFunctionFactory.Create(
        ([Description("The first number")] int a, [Description("The second number")] int b) => a + b, "Math_Add", "Adds two numbers.");

    public static AIFunction Send { get; } = AIFunctionFactory.Create(
        ([Description("The person to write to")] string recipient, [Description("The text of the message")] string message) => $"Message sent to {recipient}.",
        "Mail_SendMessage",
        "Sends a message to a person.");

    public static AITool[] All => [Weather, Add, Send];

    /// <summary>Greedy, so that an answer is the same each time.</summary>
    public static ChatOptions Greedy(params AITool[] tools) => new() { Temperature = 0, Tools = tools };
}
