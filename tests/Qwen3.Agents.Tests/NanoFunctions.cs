using System.Collections.Concurrent;
using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>Functions of the kinds that the nano models know, which remember their calls.</summary>
internal sealed class NanoFunctions
{
    public NanoFunctions()
    {
        Weather = AIFunctionFactory.Create(
            async ([Description("The city")] string city, CancellationToken cancellationToken) =>
            {
                Calls.Enqueue($"weather {city}");
                await WhenWeather(city, cancellationToken);
                return "sunny, 21 degrees";
            },
            "Weather_GetWeather",
            "Gets the current weather in a city.");
        Send = AIFunctionFactory.Create(
            ([Description("The person to write to")] string recipient, [Description("The text of the message")] string message) =>
            {
                Calls.Enqueue($"send {recipient}: {message}");
                return $"Message sent to {recipient}.";
            },
            "Mail_SendMessage",
            "Sends a message to a person.");
    }

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>What the weather function does before it answers.</summary>
    public Func<string, CancellationToken, Task> WhenWeather { get; set; } = (_, _) => Task.CompletedTask;

    public AIFunction Weather { get; }

    public AIFunction Send { get; }

    public AITool[] All => [Weather, Send];
}
