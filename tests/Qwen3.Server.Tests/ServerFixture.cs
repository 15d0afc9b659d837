using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Qwen3.Server.Tests;

/// <summary>A server over both nano models, on a free port of this machine, started once for the tests of a class.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    /// <summary>The model of the client that is registered without a key.</summary>
    public const string Instruct = "qwen3-instruct";

    public const string Thinking = "qwen3-thinking";

    public WebApplication App { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        App = await StartAsync();
        Http = new() { BaseAddress = new(App.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
    }

    public static async Task<WebApplication> StartAsync(Action<WebApplicationBuilder>? configure = null, Action<Qwen3ServerOptions>? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddQwen3Server(o =>
        {
            o.ModelId = Instruct;
            options?.Invoke(o);
        });
        if (configure is null)
        {
            // One thread does for a model this small, and does not wait for others where the machine is busy.
            builder.Services.AddQwen3ChatClient(NanoModels.Instruct, client => client.Engine.Threads = 1);
            builder.Services.AddQwen3ChatClient(NanoModels.Thinking, client => client.Engine.Threads = 1, Thinking);
        }

        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapQwen3();
        await app.StartAsync();
        return app;
    }

    /// <summary>Asks the server and reads what it answers, whatever the status is.</summary>
    public Task<(int Status, JsonElement Body)> AskAsync(string body) => Http.AskAsync(body);
}
