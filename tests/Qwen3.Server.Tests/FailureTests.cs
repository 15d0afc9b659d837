using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Qwen3.Chat;

namespace Qwen3.Server.Tests;

/// <summary>What a failure is told as, and what is written to the log: over a client that stands for the model.</summary>
public sealed class FailureTests
{
    public static TheoryData<Exception, int, string, string, LogLevel> Failures => new()
    {
        { new NotSupportedException("The model reads no smells."), 400, "invalid_value", "smells", LogLevel.Information },
        { new ArgumentOutOfRangeException("options", "MinP must be from 0 to 1."), 400, "invalid_value", "MinP must be", LogLevel.Information },
        { new ArgumentNullException("somewhere"), 500, "internal_error", "The model failed", LogLevel.Error },
        { new InvalidOperationException("The file /secret is broken."), 500, "internal_error", "The model failed", LogLevel.Error },
        { OfServer("cannot be reached: secret", null, true), 503, "model_unavailable", "does not answer", LogLevel.Error },
        { OfServer("is overloaded", HttpStatusCode.TooManyRequests, true), 429, "queue_full", "more requests", LogLevel.Information },
        { OfServer("refused the request (400). It says: too long", HttpStatusCode.BadRequest, false), 400, "invalid_value", "too long", LogLevel.Information },
        { OfServer("does not take the key", HttpStatusCode.Unauthorized, false), 502, "model_server_error", "refused the request", LogLevel.Error },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task What_is_wrong_with_a_request_is_told_and_what_is_wrong_with_the_server_is_logged(
        Exception failure, int status, string code, string told, LogLevel level)
    {
        foreach (string? beginning in (string?[])[null, "Once"])
        {
            var logs = new FakeLoggerProvider();
            var client = new WatchedClient { Beginning = beginning, Failure = failure };
            client.GoOn();
            await using WebApplication app = await ServerFixture.StartAsync(builder =>
            {
                builder.Logging.AddProvider(logs).AddFilter("Qwen3", LogLevel.Information);
                builder.Services.AddSingleton<IChatClient>(client);
            });
            using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
            JsonElement body;
            if (beginning is null)
            {
                (int answered, body) = await http.AskAsync(Requests.Chat("Hello!"));
                Assert.Equal(status, answered);
            }
            else
            {
                body = JsonElement.Parse((await http.StreamAsync(Requests.Chat("Hello!", "\"stream\":true")))[^1]);
            }

            JsonElement error = body.GetProperty("error");
            string message = error.GetProperty("message").GetString()!;
            Assert.Equal(code, error.GetProperty("code").GetString());
            Assert.Contains(told, message);
            Assert.DoesNotContain("secret", message);
            Assert.DoesNotContain("Parameter", message);
            Assert.DoesNotContain("pool.example", message);
            FakeLogRecord record = Assert.Single(logs.Collector.GetSnapshot(), record => record.Category!.StartsWith("Qwen3", StringComparison.Ordinal));
            Assert.Equal((level, failure), (record.Level, record.Exception));
        }
    }

    [Fact]
    public async Task Options_of_the_servers_own_that_are_wrong_are_no_fault_of_a_request()
    {
        using var client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, new() { Engine = { ContextSize = 10_000_000 } });
        await using WebApplication app = await ServerFixture.StartAsync(builder => builder.Services.AddSingleton<IChatClient>(client));
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        (int status, JsonElement body) = await http.AskAsync(Requests.Chat("Hello!"));
        Assert.Equal((500, "internal_error"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }

    private static ModelServerException OfServer(string what, HttpStatusCode? status, bool isTransient)
    {
        var endpoint = new Uri("http://pool.example/v1");
        return new($"The server at {endpoint} {what}.", isTransient) { Endpoint = endpoint, StatusCode = status };
    }
}
