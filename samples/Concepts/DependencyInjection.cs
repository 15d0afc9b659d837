using Concepts.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;

namespace Concepts;

/// <summary>
/// In a host: the model is loaded when the host starts, freed when it stops, and logs to the host's loggers.
/// </summary>
internal static class DependencyInjection
{
    public static async Task RunAsync(SampleModels models)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(options => options.SingleLine = true);
        // The category Qwen3.Chat logs the loading; llama.cpp itself logs under Qwen3.LlamaCpp.
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Qwen3.Chat", LogLevel.Information);
        builder.Services.AddQwen3ChatCompletion(models.Instruct, options =>
        {
            options.LoadAtStart = true;
            options.Engine.Threads = models.Threads;
        });
        builder.Services.AddSingleton<Greeter>();
        using IHost host = builder.Build();

        await host.StartAsync();
        string? answer = await host.Services.GetRequiredService<Greeter>().GreetAsync("Anna");
        Console.WriteLine($"  answer    {answer}");
        await host.StopAsync();
    }
}
