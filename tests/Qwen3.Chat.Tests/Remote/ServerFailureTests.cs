using Microsoft.Extensions.AI;
using Qwen3.Chat.Remote;

namespace Qwen3.Chat.Tests.Remote;

/// <summary>What becomes of requests that a server does not answer as it should.</summary>
public sealed class ServerFailureTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    public static TheoryData<string> Servers => [.. RecordedServer.Names];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_server_that_is_busy_is_asked_again(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(server.Refusal("busy"));
        server.Mishaps.Enqueue(server.Refusal("busy"));
        Assert.Equal("Hello! How can I help you today?", (await client.GetResponseAsync("Hello!")).Text);
        server.Mishaps.Enqueue(server.Refusal("busy"));
        Assert.Equal("Hello! How can I help you today?", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
        Assert.Equal(5, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_server_that_stays_busy_is_unavailable(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.MaxRetries = 1);
        for (int i = 0; i < 4; i++)
        {
            server.Mishaps.Enqueue(server.Refusal("busy"));
        }

        Assert.All(await FailuresAsync(client), exception => Assert.True(exception.IsUnavailable && exception.Message.Contains("overloaded"), exception.Message));
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Cancelling_a_stream_closes_the_connection(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(server.Stall("Hello!"));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(s_token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hello!", cancellationToken: cancellation.Token))
            {
                cancellation.Cancel();
            }
        });
        await server.ClientLeft.Task.WaitAsync(s_token);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Leaving_a_stream_closes_the_connection(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(server.Stall("Hello!"));
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hello!"))
        {
            break;
        }

        await server.ClientLeft.Task.WaitAsync(s_token);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_stream_that_breaks_off_fails_and_is_not_begun_again(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(server.BreakOff("Hello!"));
        List<ChatResponseUpdate> updates = [];
        var exception = await Assert.ThrowsAsync<ModelServerException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello!"))
            {
                updates.Add(update);
                server.HasBeenRead.TrySetResult();
            }
        });
        Assert.Contains("broke off in the middle of its answer", exception.Message);
        Assert.True(exception.IsUnavailable);
        Assert.NotEmpty(updates);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        Uri endpoint;
        await using (RecordedServer server = await RecordedServer.StartAsync("vllm"))
        {
            endpoint = server.Endpoint;
        }

        foreach (ModelServer? kind in (ModelServer?[])[null, ModelServer.Vllm])
        {
            using var client = new Qwen3RemoteChatClient(new() { Endpoint = endpoint, Model = "Qwen3-4B-Instruct-2507", RetryDelay = TimeSpan.Zero, Server = kind });
            foreach (ModelServerException exception in await FailuresAsync(client))
            {
                Assert.Contains($"{endpoint} cannot be reached", exception.Message);
                Assert.True(exception.IsUnavailable);
            }
        }
    }

    /// <summary>How a request fails, whole and streamed.</summary>
    private static async Task<ModelServerException[]> FailuresAsync(IChatClient client) =>
    [
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!")),
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)),
    ];
}
