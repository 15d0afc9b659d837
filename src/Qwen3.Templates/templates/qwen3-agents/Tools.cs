using System.ComponentModel;

namespace Qwen3App1;

/// <summary>The functions that the executor can call.</summary>
internal static class Tools
{
    [Description("Gets the current weather in a city.")]
    public static string GetWeather([Description("The city")] string city) => city switch
    {
        "Hanoi" => "cloudy, 28 degrees",
        "Rome" => "windy, 17 degrees",
        _ => "sunny, 21 degrees",
    };

    [Description("Sends a message to a person.")]
    public static string SendMessage(
        [Description("The person")] string recipient, [Description("The message")] string message)
    {
        // Replace this with a mail client.
        Console.WriteLine($"mail    to {recipient}: {message}");
        return $"Message sent to {recipient}.";
    }
}
