using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Moq;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

public sealed class Qwen3RemoteChatClientTests
{
    private const string TwoCities = "What is the weather in Hanoi and Tokyo?";

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_without_parsers_is_read_like_one_with_them()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm-bare");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(server.Refusal("auto"));
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        foreach (ChatResponse response in (ChatResponse[])[await client.GetResponseAsync(TwoCities, options), await client.GetStreamingResponseAsync(TwoCities, options).ToChatResponseAsync(s_token)])
        {
            Assert.Equal(
                [typeof(TextReasoningContent), typeof(FunctionCallContent), typeof(FunctionCallContent)], response.Messages[0].Contents.Select(content => content.GetType()));
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        }

        // Once refused, it is not asked to look for calls again.
        Assert.Equal(["auto", "none", "none"], server.Requests.Select(request => request.GetProperty("tool_choice").GetString()));
        Assert.All(server.Requests, request => Assert.Equal(3, request.GetProperty("tools").GetArrayLength()));

        ChatResponse json = await client.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.Json });
        Assert.NotEmpty(json.Text);
    }

    [Fact]
    public async Task A_JSON_answer_without_reasoning_is_text()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(context => context.Response.Body.WriteAsync(
            """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"a\": 1}"},"finish_reason":"stop"}]}"""u8.ToArray()).AsTask());
        ChatResponse response = await client.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.Json });
        Assert.Equal("""{"a": 1}""", Assert.IsType<TextContent>(Assert.Single(response.Messages[0].Contents)).Text);
    }

    [Theory]
    [InlineData("vllm", 16, null)]
    [InlineData("sglang", 16, 9)]
    [InlineData("llama-server", 11, null, 12, 21)]
    [InlineData("lm-studio", null, 9)]
    [InlineData("ollama", null, null)]
    public async Task Usage_has_the_counts_of_the_server(string name, int? cached, int? reasoning, int input = 24, int output = 40)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        foreach (UsageDetails usage in (UsageDetails[])[(await client.GetResponseAsync("Hello!")).Usage!, (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Usage!])
        {
            Assert.Equal((input, output, input + output), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
            Assert.Equal((cached, reasoning), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        }
    }

    [Fact]
    public async Task A_model_can_have_several_names()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("llama-server");
        server.Pages["/v1/models"] = """{"object":"list","data":[{"id":"one-thinking","aliases":["one-thinking","qwen3-nano-thinking-2507"],"owned_by":"llamacpp"}]}""";
        using Qwen3RemoteChatClient client = server.CreateClient();
        Assert.Equal("Hello! How can I help you today?", (await client.GetResponseAsync("Hello!")).Text);
        Assert.Equal(ModelServer.LlamaServer, client.Server);
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("""{"city": "Hanoi",}""", """{"city":"Hanoi"}""")]
    [InlineData("""{"city": "Ha""", null)]
    [InlineData("""{"city": "Hanoi", """, null)]
    [InlineData("[1]", null)]
    public async Task A_call_with_invalid_arguments_is_repaired_or_stays_in_the_text(string arguments, string? expected)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        string call = """
            "tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"Weather_GetWeather","arguments":ARGUMENTS}}]
            """.Replace("ARGUMENTS", JsonSerializer.Serialize(arguments));
        // Some servers leave the arguments out of a stream where a function has none.
        string streamed = call.Replace(",\"arguments\":\"\"", "");
        server.Mishaps.Enqueue(context => SendAsync(context, Choice("message", $"\"reasoning\":\"So.\",{call}", "\"tool_calls\"")));
        server.Mishaps.Enqueue(context => SendAsync(
            context,
            $"data: {Choice("delta", "\"reasoning\":\"So.\"", "null")}\n\ndata: {Choice("delta", streamed, "null")}\n\ndata: {Choice("delta", "", "\"tool_calls\"")}\n\ndata: [DONE]\n\n"));
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        foreach (ChatResponse response in (ChatResponse[])[await client.GetResponseAsync("Hello!", options), await client.GetStreamingResponseAsync("Hello!", options).ToChatResponseAsync(s_token)])
        {
            FunctionCallContent[] calls = [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];
            if (expected is not null)
            {
                FunctionCallContent read = Assert.Single(calls);
                Assert.Equal(("c1", "Weather_GetWeather", expected, null), (read.CallId, read.Name, JsonSerializer.Serialize(read.Arguments), read.Exception));
                Assert.Equal("", response.Text);
            }
            else
            {
                // Without its arguments it must not be made.
                Assert.Empty(calls);
                Assert.Equal("malformed_tool_call", Assert.Single(response.Messages[0].Contents.OfType<ErrorContent>()).ErrorCode);
                Assert.Contains(arguments.Trim(), response.Text);
            }
        }

        static string Choice(string part, string members, string finish) =>
            """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"PART":{MEMBERS},"finish_reason":FINISH}]}"""
                .Replace("PART", part).Replace("MEMBERS", members).Replace("FINISH", finish);

        static Task SendAsync(Microsoft.AspNetCore.Http.HttpContext context, string body) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
    }

    [Fact]
    public async Task A_thinking_budget_that_the_server_does_not_support_is_logged()
    {
        var lines = new List<string>();
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.LoggerFactory = Logger(lines));
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.Body.WriteAsync("""{"error":{"message":"thinking_token_budget is set but reasoning_config is not configured.","type":"BadRequestError","code":400}}"""u8.ToArray());
        });
        var options = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.Low } };
        Assert.NotEmpty((await client.GetResponseAsync("Hello!", options)).Text);
        Assert.Equal([true, false], server.Requests.Select(request => request.TryGetProperty("thinking_token_budget", out _)));
        Assert.Contains("1024 tokens", Assert.Single(lines));
    }

    [Fact]
    public async Task Concurrent_requests_detect_missing_capabilities_together()
    {
        int asked = 0;
        var bothAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var line = new HttpClient(new AnsweringHandler(RefuseBothAsync));
        using var client = new Qwen3RemoteChatClient(new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3-thinking", Server = ModelServer.Vllm, HttpClient = line });
        ChatResponse[] responses = await Task.WhenAll(
            client.GetResponseAsync("Hello!", NanoTools.Greedy(NanoTools.All), s_token), client.GetResponseAsync("Hello!", NanoTools.Greedy(NanoTools.All), s_token));
        Assert.All(responses, response => Assert.Equal("Yes.", response.Text));

        async Task<HttpResponseMessage> RefuseBothAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref asked) == 2)
            {
                bothAsked.SetResult();
            }

            await bothAsked.Task.WaitAsync(cancellationToken);
            return (await request.Content!.ReadAsStringAsync(cancellationToken)).Contains("\"auto\"")
                ? AnsweringHandler.Answer(HttpStatusCode.BadRequest, """{"error":{"message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}}""")
                : AnsweringHandler.Answer(HttpStatusCode.OK, """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"So.</think>Yes."},"finish_reason":"stop"}]}""");
        }
    }

    [Fact]
    public async Task A_failed_detection_does_not_replace_a_successful_one()
    {
        var isFound = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        using var line = new HttpClient(new AnsweringHandler(async (request, cancellationToken) =>
        {
            if (request.Method == HttpMethod.Get && Interlocked.Increment(ref asked) == 1)
            {
                await isFound.Task.WaitAsync(cancellationToken);
                return AnsweringHandler.Answer(HttpStatusCode.Unauthorized, "{}");
            }

            return AnsweringHandler.Answer(HttpStatusCode.OK, request.Method == HttpMethod.Get
                ? """{"object":"list","data":[{"id":"qwen3-thinking","owned_by":"vllm"}]}"""
                : """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"So.</think>Yes."},"finish_reason":"stop"}]}""");
        }));
        using var client = new Qwen3RemoteChatClient(new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3-thinking", HttpClient = line });
        Task<ChatResponse> slow = client.GetResponseAsync("Hello!", cancellationToken: s_token);
        await client.GetResponseAsync("Hello!", cancellationToken: s_token);
        isFound.SetResult();
        await slow;
        Assert.Equal(ModelServer.Vllm, client.Server);
    }

    [Theory]
    [InlineData("""{"error":{"message":"EngineCore encountered an issue.","type":"InternalServerError","code":500}}""")]
    [InlineData("""{"error":"EngineCore encountered an issue."}""")]
    [InlineData("""{"object":"error","message":"EngineCore encountered an issue.","type":"InternalServerError","code":500}""")]
    public async Task An_error_in_the_middle_of_a_stream_is_reported(string said)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {said}\n\ndata: [DONE]\n\n"));
        });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token));
        Assert.Contains("could not go on in the middle of its answer: EngineCore encountered an issue.", exception.Message);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_null_error_is_not_an_error()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(
                "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"error\":null,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"So.</think>Hi\"},\"finish_reason\":\"stop\"}]}\n\n"u8.ToArray());
        });
        Assert.Equal("Hi", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task An_address_without_v1_is_reported()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Endpoint = new(server.Endpoint, "/"));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("usually ends with /v1", exception.Message);
    }

    [Fact]
    public async Task A_web_page_in_place_of_an_answer_is_reported()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(context => context.Response.Body.WriteAsync("<html>Welcome</html>"u8.ToArray()).AsTask());
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("no chat completion", exception.Message);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task An_aborted_answer_is_an_error()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("sglang");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (string choice in (string[])["\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null", "\"delta\":{},\"finish_reason\":\"abort\""])
            {
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(
                    $"data: {{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,{choice}}}]}}\n\n"));
            }
        });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token));
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_silent_server_times_out()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient(options => (options.Timeout, options.Server) = (TimeSpan.FromMilliseconds(50), ModelServer.Vllm));
        server.Mishaps.Enqueue(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("was silent for 00:00:00.0500000", exception.Message);
        Assert.True(exception.IsTransient);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-4B-Instruct-2507", Qwen3Variant.Instruct)]
    [InlineData("Qwen/Qwen3-4B-Thinking-2507-FP8", Qwen3Variant.Thinking)]
    [InlineData("Qwen/Qwen3-4B", Qwen3Variant.Hybrid)]
    [InlineData("qwen3:4b-instruct-2507-q4_K_M", Qwen3Variant.Instruct)]
    [InlineData("qwen/qwen3-4b-2507", Qwen3Variant.Instruct)]
    public void The_variant_is_read_from_the_name_of_the_model(string model, Qwen3Variant expected)
    {
        using var client = new Qwen3RemoteChatClient(new Uri("http://gpu-pool/v1"), model);
        Assert.Equal(expected, client.Variant);
        Assert.Equal((new Uri("http://gpu-pool/v1"), model), (client.Metadata.ProviderUri, client.Metadata.DefaultModelId));
    }

    [Fact]
    public void Invalid_options_are_named()
    {
        Assert.Contains("'planner'", Assert.Throws<ArgumentException>(() => new Qwen3RemoteChatClient(new Uri("http://gpu-pool/v1"), "planner")).Message);
        var exception = Assert.Throws<OptionsValidationException>(
            () => new Qwen3RemoteChatClient(new() { Endpoint = new("http://anna:secret@gpu-pool/v1"), MaxRetries = -1, Timeout = TimeSpan.Zero, ContextSize = 0 }));
        foreach (string part in (string[])["Endpoint is 'with a name or a password in it'", "Model is missing", "MaxRetries is '-1'", "Timeout is '00:00:00'", "ContextSize is '0'"])
        {
            Assert.Contains(part, exception.Message);
        }

        Assert.DoesNotContain("secret", exception.Message);
        Assert.Throws<OptionsValidationException>(() => new Qwen3RemoteChatClient(new Uri("ftp://gpu-pool/v1"), "qwen3"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("secret-1234\n")]
    [InlineData("secret-1234é")]
    public void An_invalid_key_is_reported_without_the_key(string key)
    {
        var exception = Assert.Throws<OptionsValidationException>(
            () => new Qwen3RemoteChatClient(new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", ApiKey = key }));
        Assert.Contains("The setting ApiKey is", exception.Message);
        Assert.DoesNotContain("secret", exception.Message);
    }

    [Fact]
    public void Timeouts_beyond_the_limits_of_timers_are_refused()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => new Qwen3RemoteChatClient(
            new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", Timeout = TimeSpan.MaxValue, RetryDelay = TimeSpan.FromDays(2) }));
        Assert.Contains("Timeout is", exception.Message);
        Assert.Contains("RetryDelay is", exception.Message);
    }

    [Theory]
    [InlineData("vllm")]
    [InlineData("ollama")]
    public async Task The_HTTP_client_of_the_caller_can_have_the_key(string name)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        server.ApiKey = "right";
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", "right") } };
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.HttpClient = http);
        Assert.Equal("Hello! How can I help you today?", (await client.GetResponseAsync("Hello!")).Text);
        Assert.Equal("Hello! How can I help you today?", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task The_router_combines_a_remote_and_a_local_model()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient planner = server.CreateClient();
        using var executor = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Engine = { Threads = 1 } });
        using var router = new Qwen3RoutingChatClient(planner, executor);

        Assert.Equal(server.Model, (await router.GetResponseAsync("Hello! /think", NanoTools.Greedy())).ModelId);
        Assert.Equal("Qwen3-Nano-Instruct-2507", (await router.GetResponseAsync("Hello!", NanoTools.Greedy())).ModelId);
        Assert.Equal("Hello!", Assert.Single(server.Requests).GetProperty("messages")[0].GetProperty("content").GetString());
    }

    private static ILoggerFactory Logger(List<string> lines)
    {
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger.Setup(l => l.Log(It.IsAny<LogLevel>(), It.IsAny<EventId>(), It.IsAny<It.IsAnyType>(), It.IsAny<Exception?>(), It.IsAny<Func<It.IsAnyType, Exception?, string>>()))
            .Callback(new InvocationAction(call => lines.Add(call.Arguments[2]!.ToString()!)));
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        return factory.Object;
    }
}
