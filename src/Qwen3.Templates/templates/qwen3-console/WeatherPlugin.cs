using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace Qwen3App1;

/// <summary>The functions that the model can call.</summary>
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
