using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace FunctionCalling.Plugins;

internal sealed class WeatherPlugin
{
    private static readonly string[] s_skies = ["sunny", "cloudy", "rainy", "windy"];

    [KernelFunction, Description("Gets the current weather in a city.")]
    public static string GetWeather([Description("The city")] string city)
    {
        // There is no weather service here: the letters of the city decide.
        int number = city.Sum(letter => letter);
        return $"{s_skies[number % s_skies.Length]}, {10 + (number % 20)} degrees";
    }
}
