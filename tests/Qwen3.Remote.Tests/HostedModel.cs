using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;
using Qwen3.Server;

namespace Qwen3.Remote.Tests;

/// <summary>A Qwen3-4B-Thinking-2507, or its nano, somewhere: each must behave as the others do.</summary>
internal sealed class HostedModel : IAsyncDisposable
{
    private const string Here = "this process", OurServer = "our server", RealServer = "the server of QWEN3SK_TEST_SERVER", Key = "a-key-of-this-server";

    private readonly IAsyncDisposable? _server;
    private readonly Uri? _endpoint;
    private readonly string? _model, _key;

    private HostedModel(IChatClient local) => Client = local;

    private HostedModel(IAsyncDisposable? server, Uri endpoint, string model, string? key)
    {
        (_server, _endpoint, _model, _key) = (server, endpoint, model, key);
        Client = CreateClient();
    }

    /// <summary>The model in this process, and on each of the servers.</summary>
    public static TheoryData<string> Places => [Here, .. Servers.Select(row => row.Data)];

    /// <summary>Our own server, the recorded ones, and the real one where the environment names one.</summary>
    public static TheoryData<string> Servers => [OurServer, .. RecordedServer.Names, .. Setting("") is null ? (string[])[] : [RealServer]];

    /// <summary>Those of the servers that ask for a key.</summary>
    public static TheoryData<string> ServersWithKey => [.. Servers.Select(row => row.Data).Where(place => place != RealServer || Setting("_KEY") is not null)];

    /// <summary>
    /// The servers that compute with the nano model: our own, and a real one that was given it, which is llama-server.
    /// </summary>
    public static TheoryData<string> ServersOfNano => [OurServer, .. IsNanoThere ? (string[])[RealServer] : []];

    private static bool IsNanoThere => Setting("") is not null && IsNanosName(Setting("_MODEL"));

    public IChatClient Client { get; }

    /// <summary>Whether it is the nano model, whose words are known.</summary>
    public bool IsNano => _endpoint is null || _server is not null || IsNanosName(_model);

    /// <param name="place">Where.</param>
    /// <param name="local">The model in this process.</param>
    public static async Task<HostedModel> StartAsync(string place, Qwen3ChatClient local)
    {
        switch (place)
        {
            case Here:
                return new(local);
            case RealServer:
                string model = Setting("_MODEL") ?? throw new InvalidOperationException("QWEN3SK_TEST_SERVER_MODEL is to name the model of QWEN3SK_TEST_SERVER.");
                return new(null, new(Setting("")!), model, Setting("_KEY"));
            case OurServer:
                WebApplication app = Qwen3ServerHost.Create(NanoModels.Thinking, new()
                {
                    Port = 0,
                    ConfigureServer = server => server.ApiKeys = [Key],
                    ConfigureModel = options => options.Engine.Threads = 1,
                    ConfigureBuilder = builder => builder.Logging.ClearProviders(),
                });
                await app.StartAsync();
                return new(app, new($"{app.Urls.Single()}/v1"), "Qwen3-Nano-Thinking-2507", Key);
            default:
                RecordedServer recorded = await RecordedServer.StartAsync(place);
                recorded.ApiKey = Key;
                return new(recorded, recorded.Endpoint, recorded.Model, Key);
        }
    }

    /// <summary>Another client of the server.</summary>
    public Qwen3RemoteChatClient CreateClient(Action<Qwen3RemoteChatClientOptions>? configure = null)
    {
        var options = new Qwen3RemoteChatClientOptions { Endpoint = _endpoint, Model = _model, ApiKey = _key, RetryDelay = TimeSpan.Zero };
        configure?.Invoke(options);
        return new(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
        {
            Client.Dispose();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static bool IsNanosName(string? model) => model?.Contains("nano", StringComparison.OrdinalIgnoreCase) == true;

    private static string? Setting(string name) => Environment.GetEnvironmentVariable($"QWEN3SK_TEST_SERVER{name}") is { Length: > 0 } value ? value : null;
}
