using System.ComponentModel;

namespace PlanAndExecute.Plugins;

internal static class WeatherPlugin
{
    [Description("Gets the current weather in a city.")]
    public static async Task<string> GetWeatherAsync([Description("The city")] string city, CancellationToken cancellationToken)
    {
        // As long as a service might take that is really asked.
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        return city switch
        {
            "Hanoi" => "cloudy, 28 degrees",
            "Rome" => "windy, 17 degrees",
            _ => "sunny, 21 degrees",
        };
    }
}
