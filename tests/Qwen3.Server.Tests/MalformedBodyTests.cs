using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Qwen3.Server.Tests;

/// <summary>Requests that no HTTP library sends: each is refused as the client's error, and nothing is logged as the server's.</summary>
public sealed class MalformedBodyTests : IAsyncLifetime
{
    private readonly FakeLogCollector _log = FakeLogCollector.Create(new());
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync() => _app = await ServerFixture.StartAsync(builder =>
    {
        builder.Logging.AddProvider(new FakeLoggerProvider(_log));
        builder.Services.AddSingleton<IChatClient>(new WatchedClient());
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("7FFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("80000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("-1\r\n{}\r\n0\r\n\r\n")]
    [InlineData("x\r\n{}\r\n0\r\n\r\n")]
    [InlineData("\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}{}{}\r\n0\r\n\r\n")]
    [InlineData("0x2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2 2\r\n{}\r\n0\r\n\r\n")]
    public async Task A_chunk_that_cannot_be_read_is_a_bad_request(string body)
    {
        string status = await SendAsync($"Transfer-Encoding: chunked\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 4(00|08|13) ", status);
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Level >= LogLevel.Error);
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Level >= LogLevel.Warning && record.Exception is not null);
    }

    [Theory]
    [InlineData("Content-Length: -1\r\n\r\n{}")]
    [InlineData("Content-Length: 99999999999999999999999\r\n\r\n{}")]
    [InlineData("Content-Length: 9223372036854775807\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n\r\n{}")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData(": no name\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("X\0Y: z\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task Headers_that_cannot_be_right_are_refused(string rest)
    {
        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", await SendAsync(rest));
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        Assert.Matches("^HTTP/1.1 431 ", await SendAsync($"X: {new string('x', 100_000)}\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 431 ", await SendAsync(string.Concat(Enumerable.Range(0, 1_000).Select(i => $"X{i}: y\r\n"))));
    }

    private async Task<string> SendAsync(string rest)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_app.Urls.First()).Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        byte[] request = Encoding.Latin1.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{rest}");
        await stream.WriteAsync(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        return await reader.ReadLineAsync(timeout.Token) ?? "nothing";
    }
}
