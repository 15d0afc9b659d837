using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>Plugins of the kinds that the nano models know, written as anyone would write them.</summary>
internal sealed class WeatherPlugin
{
    [KernelFunction, Description("Gets the current weather in a city.")]
    public static string GetWeather([Description("The city")] string city) =>
        city.Length > 0 ? "sunny, 21 degrees" : "no such city";
}

internal sealed class MailPlugin
{
    [KernelFunction, Description("Sends a message to a person.")]
    public static string SendMessage(
        [Description("The person to write to")] string recipient,
        [Description("The text of the message")] string message
    ) => $"Message sent to {recipient}.";
}
