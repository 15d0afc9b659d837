using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote.Tests;

public sealed class Qwen3FallbackChatClientTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pool_answers_where_the_model_here_does_not_fit_and_not_where_it_does()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient pool = server.CreateClient();
        using var small = Qwen3ChatClient.LoadOnDemand(NanoModels.Thinking, new() { Engine = { Threads = 1, MemoryLimit = 1000 } });
        using var large = Qwen3ChatClient.LoadOnDemand(NanoModels.Thinking, new() { Engine = { Threads = 1 } });

        foreach ((Qwen3ChatClient local, string expected) in ((Qwen3ChatClient, string)[])[(small, server.Model), (large, "Qwen3-Nano-Thinking-2507")])
        {
            using var client = new Qwen3FallbackChatClient(local, pool);
            foreach (ChatResponse response in await AnswersAsync(client))
            {
                Assert.Equal((expected, "Hello! How can I help you today?"), (response.ModelId, response.Text));
            }
        }

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task The_model_here_answers_where_the_pool_is_gone()
    {
        RecordedServer server = await RecordedServer.StartAsync("sglang");
        using Qwen3RemoteChatClient pool = server.CreateClient(options => options.MaxRetries = 0);
        await server.DisposeAsync();
        using var local = Qwen3ChatClient.LoadOnDemand(NanoModels.Thinking, new() { Engine = { Threads = 1 } });
        using var client = new Qwen3FallbackChatClient(pool, local);
        Assert.All(await AnswersAsync(client), response => Assert.Equal("Qwen3-Nano-Thinking-2507", response.ModelId));
        Assert.Same(local, client.GetService<Qwen3ChatClient>());
        Assert.Same(pool, client.GetService<Qwen3RemoteChatClient>());
    }

    [Fact]
    public async Task What_is_wrong_with_the_request_and_what_has_begun_stay_failures()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient pool = server.CreateClient();
        var second = new ScriptedChatClient();
        using var client = new Qwen3FallbackChatClient(pool, second);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("Hello!", new() { ToolMode = ChatToolMode.RequireSpecific("nothing") }));

        server.Mishaps.Enqueue(server.Refusal("key"));
        Assert.False((await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"))).IsTransient);

        server.Mishaps.Enqueue(server.BreakOff("Hello!"));
        await Assert.ThrowsAsync<ModelServerException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hello!"))
            {
                server.HasBeenRead.TrySetResult();
            }
        });

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("Hello!", cancellationToken: cancelled.Token));
        Assert.Empty(second.Requests);
    }

    [Fact]
    public async Task A_conversation_that_is_too_long_for_the_model_here_goes_to_the_pool()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient pool = server.CreateClient();
        using var local = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, new() { Engine = { Threads = 1, ContextSize = 64 } });
        using var client = new Qwen3FallbackChatClient(local, pool);
        string question = string.Concat(Enumerable.Repeat("Remember this. ", 100));
        await Assert.ThrowsAsync<ContextLengthException>(() => local.GetResponseAsync(question));
        Assert.Equal(server.Model, (await client.GetResponseAsync([new(ChatRole.User, question), new(ChatRole.User, "Hello!")])).ModelId);
    }

    private static async Task<ChatResponse[]> AnswersAsync(IChatClient client) =>
    [
        await client.GetResponseAsync("Hello!", NanoTools.Greedy()),
        await client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy()).ToChatResponseAsync(s_token),
    ];
}
