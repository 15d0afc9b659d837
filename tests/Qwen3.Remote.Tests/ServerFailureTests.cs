using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polly.Timeout;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

/// <summary>Requests that a server refuses, answers wrongly or not at all.</summary>
public sealed class ServerFailureTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    public static TheoryData<string> Servers => [.. RecordedServer.Names];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_request_to_a_busy_server_is_retried(string name)
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
    public async Task A_server_that_stays_busy_is_a_transient_error(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.MaxRetries = 1);
        for (int i = 0; i < 4; i++)
        {
            server.Mishaps.Enqueue(server.Refusal("busy"));
        }

        Assert.All(await FailuresAsync(client), exception => Assert.True(exception.IsTransient && exception.Message.Contains("overloaded"), exception.Message));
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
    public async Task A_stream_that_breaks_off_fails_and_is_not_retried(string name)
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
        Assert.True(exception.IsTransient);
        Assert.NotEmpty(updates);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_a_transient_error()
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
                Assert.True(exception.IsTransient);
            }
        }
    }

    [Fact]
    public async Task A_refusal_is_reported_when_the_server_does_not_list_its_models()
    {
        using var line = new HttpClient(new AnsweringHandler((request, _) => request.Method == HttpMethod.Get
            ? throw new HttpRequestException("The line is dead.")
            : Task.FromResult(AnsweringHandler.Answer(HttpStatusCode.NotFound, "There is no such thing."))));
        using var client = new Qwen3RemoteChatClient(new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", Server = ModelServer.Vllm, HttpClient = line });
        foreach (ModelServerException exception in await FailuresAsync(client))
        {
            Assert.Equal((HttpStatusCode.NotFound, false), (exception.StatusCode, exception.IsTransient));
            Assert.Contains("There is no such thing.", exception.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_model_that_the_server_lists_is_not_reported_as_missing(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(Say("""{"error":"this model does not chat"}""", 404));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("this model does not chat", exception.Message);
        Assert.DoesNotContain("has no model", exception.Message);
    }

    [Theory]
    [InlineData("""{"error":"Unexpected endpoint or method. Returning 200 anyway"}""")]
    [InlineData("""{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[]}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task A_response_without_an_answer_is_an_error(string body)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("lm-studio");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(Say(body));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("no chat completion", exception.Message);
    }

    [Theory]
    [InlineData("vllm", "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"id\":\"1\",\"obj\n\n")]
    [InlineData("ollama", "{\"model\":\"m\",\"created_at\":\"2025-10-26T17:15:24Z\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n{\"model\":\"m\",\"crea")]
    public async Task A_stream_that_is_cut_in_the_middle_of_an_event_has_broken_off(string name, string stream)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(Say(stream));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token));
        Assert.Contains("broke off in the middle of its answer", exception.Message);
        Assert.True(exception.IsTransient);
    }

    [Theory]
    [InlineData("vllm", 301)]
    [InlineData("vllm", 307)]
    [InlineData("ollama", 308)]
    public async Task A_redirection_is_not_followed(string name, int status)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        await using RecordedServer other = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        var elsewhere = new Uri(other.Endpoint, name == "ollama" ? "/api/chat" : "/v1/chat/completions");
        server.Mishaps.Enqueue(context =>
        {
            context.Response.Redirect(elsewhere.AbsoluteUri, permanent: status is 301 or 308, preserveMethod: status is 307 or 308);
            return Task.CompletedTask;
        });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains($"redirects the request to {elsewhere}", exception.Message);
        Assert.Equal(((HttpStatusCode)status, false), (exception.StatusCode, exception.IsTransient));
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("vllm")]
    [InlineData("ollama")]
    public async Task A_retry_delay_beyond_the_timeout_is_not_waited_for(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Timeout = TimeSpan.FromMinutes(1));
        foreach (string retryAfter in (string[])["3600", DateTimeOffset.UtcNow.AddHours(1).ToString("r")])
        {
            server.Mishaps.Enqueue(context =>
            {
                (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, retryAfter);
                return Task.CompletedTask;
            });
            var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!", cancellationToken: s_token).WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("overloaded", exception.Message);
            Assert.Equal((HttpStatusCode.TooManyRequests, true), (exception.StatusCode, exception.IsTransient));
        }

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("vllm")]
    [InlineData("ollama")]
    public async Task Timeouts_of_the_HTTP_client_of_the_caller_are_reported_as_such(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using var hasty = new HttpClient { Timeout = TimeSpan.FromMilliseconds(200) };
        using var limited = new HttpClient(new AnsweringHandler((_, _) => throw new TimeoutRejectedException("The limit of 30 seconds was reached.")));
        using var unconnected = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(50), ConnectCallback = NeverAsync });
        foreach ((HttpClient http, string said) in ((HttpClient, string)[])[(hasty, "HttpClient.Timeout of 0.2 seconds"), (limited, "The limit of 30 seconds"), (unconnected, "cannot be reached")])
        {
            server.Mishaps.Clear();
            server.Mishaps.Enqueue(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
            using Qwen3RemoteChatClient client = server.CreateClient(options =>
                (options.HttpClient, options.Server) = (http, name == "vllm" ? ModelServer.Vllm : ModelServer.Ollama));
            var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
            Assert.Contains(said, exception.Message);
            Assert.DoesNotContain("00:10:00", exception.Message);
            Assert.True(exception.IsTransient);
        }
    }

    [Fact]
    public async Task A_connection_that_times_out_is_retried()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        int tries = 0;
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(server.Endpoint, server.Model, options => options.RetryDelay = TimeSpan.Zero, "pool");
        services.AddHttpClient("Qwen3RemoteChatClient pool").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
            ConnectCallback = (context, cancellationToken) => ++tries == 1 ? NeverAsync(context, cancellationToken) : ConnectAsync(context, cancellationToken),
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("Hello! How can I help you today?", (await provider.GetRequiredKeyedService<IChatClient>("pool").GetResponseAsync("Hello!")).Text);

        using SocketsHttpHandler own = ServerResilience.CreateHandler();
        Assert.Equal(TimeSpan.FromSeconds(10), own.ConnectTimeout);

        static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }

    private static async ValueTask<Stream> NeverAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return Stream.Null;
    }

    private static Func<HttpContext, Task> Say(string body, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
    };

    /// <summary>Returns the exceptions of a request, whole and streamed.</summary>
    private static async Task<ModelServerException[]> FailuresAsync(IChatClient client) =>
    [
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!")),
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)),
    ];
}
