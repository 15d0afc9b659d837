using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Qwen3.Server.Tests;

/// <summary>The program that serves one model, with a key, started once for the tests of a class.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    public const string Key = "a-key-of-this-server";

    public WebApplication App { get; private set; } = null!;

    /// <summary>Has the key.</summary>
    public HttpClient Http { get; private set; } = null!;

    public string Address => App.Urls.First();

    public async ValueTask InitializeAsync()
    {
        App = Create(options => options.ConfigureServer = server => server.ApiKeys = [Key]);
        await App.StartAsync();
        Http = new() { BaseAddress = new(Address), DefaultRequestHeaders = { Authorization = new("Bearer", Key) } };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
    }

    public static WebApplication Create(Action<Qwen3ServerHostOptions>? configure = null)
    {
        var options = new Qwen3ServerHostOptions
        {
            Port = 0,
            ConfigureModel = model => model.Engine.Threads = 1,
            ConfigureBuilder = builder => builder.Logging.ClearProviders(),
        };
        configure?.Invoke(options);
        return Qwen3ServerHost.Create(NanoModels.Instruct, options);
    }
}
