using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests.Remote;

/// <summary>A Qwen3-4B-Thinking-2507, or its nano, somewhere: each must behave as the others do.</summary>
internal sealed class HostedModel : IAsyncDisposable
{
    private readonly RecordedServer? _server;

    private HostedModel(IChatClient client, RecordedServer? server)
    {
        Client = client;
        _server = server;
    }

    /// <summary>The model in this process, and on each of the servers.</summary>
    public static TheoryData<string> Places => ["this process", .. RecordedServer.Names];

    public IChatClient Client { get; }

    /// <param name="place">Where.</param>
    /// <param name="local">The model in this process.</param>
    public static async Task<HostedModel> StartAsync(string place, Qwen3ChatClient local)
    {
        if (place == "this process")
        {
            return new(local, null);
        }

        RecordedServer server = await RecordedServer.StartAsync(place);
        return new(server.CreateClient(), server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            Client.Dispose();
            await _server.DisposeAsync();
        }
    }
}
