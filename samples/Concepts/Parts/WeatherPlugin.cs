using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace Concepts.Parts;

internal sealed class WeatherPlugin
{
    [KernelFunction, Description("Gets the current weather in a city.")]
    public static string GetWeather([Description("The city")] string city) => city switch
    {
        "Hanoi" => "cloudy, 28 degrees",
        "Rome" => "windy, 17 degrees",
        _ => "sunny, 21 degrees",
    };
}
