using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Qwen3.Chat;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote.Tests;

public sealed class Qwen3FallbackChatClientTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_answers_only_when_the_local_model_does_not_fit_into_memory()
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
    public async Task The_local_model_answers_when_the_server_is_gone()
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
    public async Task Invalid_requests_and_streams_that_have_begun_do_not_fall_back()
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
    public async Task A_conversation_too_long_for_the_local_model_goes_to_the_server()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient pool = server.CreateClient();
        using var local = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, new() { Engine = { Threads = 1, ContextSize = 64 } });
        using var client = new Qwen3FallbackChatClient(local, pool);
        string question = string.Concat(Enumerable.Repeat("Remember this. ", 100));
        await Assert.ThrowsAsync<ContextLengthException>(() => local.GetResponseAsync(question));
        Assert.Equal(server.Model, (await client.GetResponseAsync([new(ChatRole.User, question), new(ChatRole.User, "Hello!")])).ModelId);
    }

    [Fact]
    public async Task The_server_answers_when_the_model_cannot_be_fetched()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient pool = server.CreateClient();
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(options =>
        {
            options.ModelName = "hf:nobody/nothing-Instruct-2507-GGUF:Q4_K_M";
            options.Hub.Offline = true;
            options.Hub.CacheFolder = Path.Combine(AppContext.BaseDirectory, "no-such-folder");
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var local = provider.GetRequiredService<IChatClient>();
        await Assert.ThrowsAsync<ModelOfflineException>(() => local.GetResponseAsync("Hello!"));
        using var client = new Qwen3FallbackChatClient(local, pool);
        Assert.All(await AnswersAsync(client), response => Assert.Equal(server.Model, response.ModelId));
    }

    [Fact]
    public async Task A_schema_that_is_too_complex_is_not_sent_to_the_second_client()
    {
        const string Schema = """{"type":"string","pattern":"^(.{0,5000}[a-z]){0,50}$"}""";
        using var local = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, new() { Engine = { Threads = 1 } });
        var second = new ScriptedChatClient();
        using var client = new Qwen3FallbackChatClient(local, second);
        var options = new ChatOptions { Seed = 1, ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema)) };
        await Assert.ThrowsAsync<GrammarComplexityException>(() => client.GetResponseAsync("Hello!", options));
        Assert.Empty(second.Requests);
    }

    private static async Task<ChatResponse[]> AnswersAsync(IChatClient client) =>
    [
        await client.GetResponseAsync("Hello!", NanoTools.Greedy()),
        await client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy()).ToChatResponseAsync(s_token),
    ];
}
