using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Qwen3.LlamaCpp;

namespace Qwen3.Server.Tests;

/// <summary>How requests come in, wait, are given up and refused: over a client that stands for the model.</summary>
public sealed class ServingTests
{
    private static readonly string s_stream = Requests.Chat("Hello!", "\"stream\":true");

    [Fact]
    public async Task Who_is_one_too_many_is_told_when_to_come_again_and_the_next_one_is_served()
    {
        var client = new WatchedClient();
        await using WebApplication app = await StartAsync(
            client, options => (options.MaxConcurrentRequests, options.RetryAfter) = (1, TimeSpan.FromSeconds(7)));
        using HttpClient http = Http(app);
        Task<(int Status, JsonElement Body)> first = http.AskAsync(Requests.Chat("Hello!"));
        await client.Asked;
        using HttpResponseMessage refused = await http.PostAsync("/v1/chat/completions", HttpAsking.Json(s_stream));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter?.Delta);
        AssertError(await refused.ReadJsonAsync(), "rate_limit_error", "queue_full");
        client.GoOn();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await http.AskAsync(Requests.Chat("Hello!"))).Status);
    }

    [Fact]
    public async Task A_model_whose_queue_is_full_is_told_as_a_server_that_is_full()
    {
        var client = new WatchedClient { Failure = new RequestQueueFullException(3) };
        client.GoOn();
        await using WebApplication app = await StartAsync(client);
        using HttpClient http = Http(app);
        foreach (string request in (string[])[Requests.Chat("Hello!"), s_stream])
        {
            using HttpResponseMessage refused = await http.PostAsync("/v1/chat/completions", HttpAsking.Json(request));
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_away_ends_its_answer(bool isStreamed)
    {
        var client = new WatchedClient { Beginning = "Once" };
        await using WebApplication app = await StartAsync(client, options => options.MaxConcurrentRequests = 1);
        using HttpClient http = Http(app);
        using var leaving = new CancellationTokenSource();
        Task asking = http.SendAsync(
            new(HttpMethod.Post, "/v1/chat/completions") { Content = HttpAsking.Json(isStreamed ? s_stream : Requests.Chat("Hello!")) },
            HttpCompletionOption.ResponseContentRead,
            leaving.Token);
        await client.Asked;
        await leaving.CancelAsync();
        await client.Ended;
        Assert.True(client.WasCancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        // Its place is free as soon as the server has noticed.
        client.GoOn();
        int status = 429;
        while (status == 429)
        {
            (status, _) = await http.AskAsync(Requests.Chat("Hello!"));
        }

        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_nobody_up()
    {
        // More than the buffers between the two take.
        var client = new WatchedClient { Beginning = new string('a', 16 * 1024 * 1024) };
        client.GoOn();
        await using WebApplication app = await StartAsync(client);
        using var idle = new TcpClient();
        await idle.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        await idle.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
            $"Content-Length: {s_stream.Length}\r\n\r\n{s_stream}"));
        await client.Asked;
        using HttpClient http = Http(app);
        (int status, JsonElement body) = await http.AskAsync(Requests.Chat("Hello!"));
        Assert.Equal(200, status);
        Assert.EndsWith("The end.", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task An_answer_that_fails_in_the_middle_ends_with_an_error_and_is_not_called_done()
    {
        var client = new WatchedClient { Beginning = "Once", Failure = new LlamaException("The file /secret/model.gguf is broken.") };
        client.GoOn();
        await using WebApplication app = await StartAsync(client);
        using HttpClient http = Http(app);
        List<string> events = await http.StreamAsync(s_stream);
        Assert.Equal(2, events.Count);
        Assert.Contains("Once", events[0]);
        AssertError(JsonElement.Parse(events[1]), "server_error", "internal_error");
        Assert.DoesNotContain("secret", events[1]);

        (int status, JsonElement body) = await http.AskAsync(Requests.Chat("Hello!"));
        Assert.Equal(500, status);
        AssertError(body, "server_error", "internal_error");
    }

    [Fact]
    public async Task A_stream_that_has_to_wait_says_that_it_is_alive()
    {
        var time = new FakeTimeProvider();
        var client = new WatchedClient();
        await using WebApplication app = await StartAsync(client, options => options.KeepAliveInterval = TimeSpan.FromSeconds(10), time);
        using HttpClient http = Http(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = HttpAsking.Json(s_stream) };
        Task<HttpResponseMessage> sending = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await client.Asked;
        while (!sending.IsCompleted)
        {
            // The server may not have begun to wait yet.
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        using HttpResponseMessage response = await sending;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.StartsWith(":", await reader.ReadLineAsync());
        client.GoOn();
        string rest = await reader.ReadToEndAsync();
        Assert.Contains("The end.", rest);
        Assert.EndsWith("data: [DONE]\n\n", rest);
    }

    [Fact]
    public async Task Who_sends_too_slowly_holds_no_place()
    {
        var time = new FakeTimeProvider();
        var client = new WatchedClient();
        client.GoOn();
        await using WebApplication app = await StartAsync(client, options => options.MaxConcurrentRequests = 1, time);
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        NetworkStream stream = slow.GetStream();
        await stream.WriteAsync(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n{"u8.ToArray());
        using HttpClient http = Http(app);
        while ((await http.AskAsync(Requests.Chat("Hello!"))).Status != 429)
        {
            // Its headers are not there yet.
        }

        using var reader = new StreamReader(stream);
        Task<string?> answer = reader.ReadLineAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer);
        int status = 429;
        while (status == 429)
        {
            // Its place is free as soon as it was told.
            (status, _) = await http.AskAsync(Requests.Chat("Hello!"));
        }

        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_host_that_stops_lets_answers_end_and_takes_no_new_ones()
    {
        var client = new WatchedClient { Beginning = "Once" };
        await using WebApplication app = await StartAsync(client);
        using HttpClient http = Http(app);
        Task<List<string>> answer = http.StreamAsync(s_stream);
        await client.Asked;
        app.Lifetime.StopApplication();
        using HttpResponseMessage refused = await http.PostAsync("/v1/chat/completions", HttpAsking.Json(s_stream));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        AssertError(await refused.ReadJsonAsync(), "server_error", "shutting_down");
        Task stopping = app.StopAsync();
        client.GoOn();
        List<string> events = await answer;
        Assert.Contains("The end.", string.Concat(events));
        Assert.Equal("[DONE]", events[^1]);
        await stopping;
    }

    [Fact]
    public async Task A_key_is_asked_for_where_there_are_any()
    {
        var client = new WatchedClient();
        client.GoOn();
        await using WebApplication app = await StartAsync(client, options => options.ApiKeys = ["first-key", "second-key"]);
        using HttpClient http = Http(app);
        foreach (string? key in (string?[])[null, "", "Bearer", "Bearer ", "Bearer first", "Bearer first-key2", "Basic first-key", "first-key"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.TryAddWithoutValidation("Authorization", key);
            using HttpResponseMessage refused = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            AssertError(await refused.ReadJsonAsync(), "invalid_request_error", "invalid_api_key");
        }

        Assert.Equal(401, (await http.AskAsync("{")).Status);
        foreach (string key in (string[])["first-key", "second-key"])
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
            Assert.Equal(200, (await http.AskAsync(Requests.Chat("Hello!"))).Status);
        }
    }

    [Theory]
    [InlineData("evil.example", false, false, HttpStatusCode.Forbidden)]
    [InlineData("evil.example", true, false, HttpStatusCode.OK)]
    [InlineData("evil.example", false, true, HttpStatusCode.OK)]
    [InlineData("127.0.0.1.evil.example", false, false, HttpStatusCode.Forbidden)]
    [InlineData("LocalHost", false, false, HttpStatusCode.OK)]
    public async Task Without_a_key_a_page_of_another_site_cannot_use_the_server(string name, bool hasKey, bool isMeant, HttpStatusCode status)
    {
        await using WebApplication app = await StartAsync(
            new WatchedClient(), options => (options.ApiKeys, options.AllowsAnonymous) = (hasKey ? ["key"] : [], isMeant));
        using HttpClient http = Http(app);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = name, Authorization = new("Bearer", "key") } };
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden)
        {
            AssertError(await response.ReadJsonAsync(), "invalid_request_error", "host_not_allowed");
        }
    }

    [Fact]
    public async Task Keys_that_vanish_from_the_configuration_open_no_door()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        string file = Path.Combine(folder.FullName, "settings.json");
        await File.WriteAllTextAsync(file, "{}");
        IConfigurationRoot? configuration = null;
        var logs = new FakeLoggerProvider();
        await using WebApplication app = await ServerFixture.StartAsync(builder =>
        {
            builder.Configuration.AddJsonFile(file);
            configuration = builder.Configuration;
            builder.Logging.AddProvider(logs).AddFilter("Qwen3", LogLevel.Information);
            builder.Services.AddSingleton<IChatClient>(new WatchedClient());
            builder.Services.AddQwen3Server().BindConfiguration("Qwen3Server");
        });
        using HttpClient http = Http(app);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);
        Change("""{"Qwen3Server": {"ApiKeys": ["key"]}}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/models")).StatusCode);
        Change("{}");
        using HttpResponseMessage refused = await http.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        AssertError(await refused.ReadJsonAsync(), "server_error", "no_api_keys");

        Change("""{"Qwen3Server": {"ApiKeys": ["new-key"]}}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/models")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "new-key");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);

        // What cannot be changes nothing, and is logged once.
        Assert.ThrowsAny<Exception>(() => Change("""{"Qwen3Server": {"ApiKeys": ["a key"]}}"""));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);
        FakeLogRecord record = Assert.Single(logs.Collector.GetSnapshot(), record => record.Level == LogLevel.Error);
        Assert.DoesNotContain("a key", record.ToString());
        folder.Delete(recursive: true);

        void Change(string settings)
        {
            File.WriteAllText(file, settings);
            configuration!.Reload();
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", false)]
    [InlineData("http://[::]:0", false)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://[::1]:0", true)]
    public async Task Without_a_key_only_this_machine_is_served(string address, bool starts)
    {
        async Task StartAsync(Action<Qwen3ServerOptions>? options)
        {
            await using WebApplication app = await ServingTests.StartAsync(new WatchedClient(), options, address: address);
        }

        if (starts)
        {
            await StartAsync(null);
        }
        else
        {
            Assert.Contains("key", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(null))).Message);
            await StartAsync(options => options.ApiKeys = ["key"]);
            await StartAsync(options => options.AllowsAnonymous = true);
        }
    }

    [Fact]
    public async Task What_the_wire_names_reaches_the_chat_client_by_its_own_names()
    {
        var client = new WatchedClient();
        client.GoOn();
        await using WebApplication app = await StartAsync(client);
        using HttpClient http = Http(app);
        (int status, _) = await http.AskAsync(
            """
            {"messages":[{"role":"developer","content":"Be kind."},{"role":"user","name":"anna","content":"Hi"},
              {"role":"assistant","reasoning":"They greet.","content":"Hello"},{"role":"user","content":"More"}],
             "temperature":0.5,"top_p":0.9,"top_k":-1,"min_p":0.1,"repetition_penalty":1.1,"presence_penalty":1.5,"frequency_penalty":-0.5,"seed":-12,
             "max_tokens":9,"stop":["a","b"],"reasoning_effort":"xhigh",
             "chat_template_kwargs":{"thinking_budget":77,"enable_thinking":true,"other":{}},
             "user":"somebody","metadata":{"a":1},"store":false,"unheard_of":[1,2,3]}
            """);
        Assert.Equal(200, status);
        ChatOptions options = client.Options!;
        Assert.Equal((0.5f, 0.9f, 0), (options.Temperature, options.TopP, options.TopK));
        Assert.Equal((1.5f, -0.5f, -12, 9), (options.PresencePenalty, options.FrequencyPenalty, options.Seed, options.MaxOutputTokens));
        AdditionalPropertiesDictionary more = options.AdditionalProperties!;
        Assert.Equal((0.1f, 1.1f, 77), (more["min_p"], more["repetition_penalty"], more["thinking_budget"]));
        Assert.Equal(["a", "b"], options.StopSequences);
        Assert.Equal(ReasoningEffort.ExtraHigh, options.Reasoning!.Effort);
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User], client.Messages.Select(message => message.Role));
        Assert.Equal("They greet.", Assert.IsType<TextReasoningContent>(client.Messages[2].Contents[0]).Text);
    }

    private static async Task<WebApplication> StartAsync(
        IChatClient client, Action<Qwen3ServerOptions>? options = null, TimeProvider? time = null, string address = "http://127.0.0.1:0") =>
        await ServerFixture.StartAsync(
            builder =>
            {
                builder.WebHost.UseUrls(address);
                builder.Services.AddSingleton(time ?? TimeProvider.System);
                builder.Services.AddSingleton(client);
            },
            options);

    private static HttpClient Http(WebApplication app) => new() { BaseAddress = new(app.Urls.First()) };

    private static void AssertError(JsonElement body, string type, string code)
    {
        JsonElement error = body.GetProperty("error");
        Assert.Equal((type, code), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.True(error.TryGetProperty("param", out _));
    }
}
