using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task One_line_registers_a_model_on_a_server()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(server.Endpoint, server.Model, serviceKey: "pool").UseFunctionInvocation();
        services.AddQwen3ChatClient(NanoModels.Instruct, serviceKey: "here");
        await using ServiceProvider provider = services.BuildServiceProvider();

        var client = provider.GetRequiredKeyedService<IChatClient>("pool");
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.Same(provider.GetRequiredKeyedService<Qwen3RemoteChatClient>("pool"), client.GetService<Qwen3RemoteChatClient>());
        Assert.Equal("Hello! How can I help you today?", (await client.GetResponseAsync("Hello!")).Text);
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public async Task Resilience_handlers_of_all_clients_do_not_apply_to_the_remote_client()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        var services = new ServiceCollection();
        services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler(options =>
        {
            // What a web request is given is no time for an answer.
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(10);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(20);
            options.Retry.MaxRetryAttempts = 1;
        }));
        services.AddQwen3ChatClient(server.Endpoint, server.Model, options => options.RetryDelay = TimeSpan.Zero);
        await using ServiceProvider provider = services.BuildServiceProvider();
        for (int i = 0; i < 3; i++)
        {
            server.Mishaps.Enqueue(server.Refusal("busy"));
        }

        Assert.Equal("Hello! How can I help you today?", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello!")).Text);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task The_key_is_in_no_log()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        server.ApiKey = "right";
        var log = new LogLines();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        services.ConfigureHttpClientDefaults(http => http.ConfigureHttpClient(client => client.DefaultRequestHeaders.Add("X-Gateway-Key", "secret-1234")));
        services.AddQwen3ChatClient(server.Endpoint, server.Model, options => options.ApiKey = "secret-1234").UseLogging();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello!"));

        Assert.Contains(log.Lines, line => line.Contains("Authorization"));
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret-1234"));
        Assert.DoesNotContain("secret-1234", exception.ToString());
    }

    [Fact]
    public async Task An_HTTP_client_of_the_same_name_stays_unchanged()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("pool", client => client.Timeout = TimeSpan.FromSeconds(7));
        services.AddQwen3ChatClient(new Uri("http://gpu-pool/v1"), "qwen3", serviceKey: "pool");
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal(TimeSpan.FromSeconds(7), provider.GetRequiredService<IHttpClientFactory>().CreateClient("pool").Timeout);
    }

    [Fact]
    public void Invalid_options_are_named_when_the_client_is_resolved()
    {
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(new Uri("http://gpu-pool/v1"), "qwen3", options => options.MaxRetries = -1, "pool");
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains("MaxRetries of 'pool' is '-1'", Assert.Throws<OptionsValidationException>(() => provider.GetRequiredKeyedService<IChatClient>("pool")).Message);
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
