using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Qwen3.Server.Tests;

public sealed class Qwen3ServerHostTests(HostFixture host) : IClassFixture<HostFixture>
{
    [Fact]
    public async Task It_tells_that_it_is_well_to_who_has_no_key()
    {
        using var anybody = new HttpClient { BaseAddress = new(host.Address) };
        Assert.Equal("Healthy", await anybody.GetStringAsync("/health"));
    }

    [Fact]
    public async Task Prometheus_reads_what_it_did()
    {
        await host.Http.AskAsync(Requests.Chat("Hello!"));
        string metrics = await host.Http.GetStringAsync("/metrics");
        foreach (string name in (string[])
        [
            "http_server_request_duration_seconds_count", "qwen3_server_requests_waiting", "qwen3_server_requests_running",
            "qwen3_server_time_to_first_token_seconds_bucket", "qwen3_server_prompt_tokens_total", "qwen3_server_output_tokens_total",
            "qwen3_engine_queue_length", "gen_ai_server_time_per_output_token_seconds_sum",
        ])
        {
            Assert.Contains(metrics.Split('\n'), line => line.StartsWith(name, StringComparison.Ordinal));
        }

        string running = metrics.Split('\n').Single(line => line.StartsWith("qwen3_server_requests_running{", StringComparison.Ordinal));
        Assert.EndsWith(" 0", running);
        using var anybody = new HttpClient { BaseAddress = new(host.Address) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await anybody.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task It_has_a_page_to_try_it_that_asks_nothing_of_other_sites()
    {
        using HttpResponseMessage response = await host.Http.GetAsync("/");
        string page = await response.Content.ReadAsStringAsync();
        Assert.Contains("openapi/v1.json", page);
        Assert.DoesNotContain("https://", page);
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self'; script-src 'self' 'unsafe-inline';", policy);
        Assert.DoesNotContain("http", policy);

        // The toolbar with "Upload document" and "Deploy", the button to Scalar's own client, its agent and its MCP.
        foreach (string option in (string[])["\"showDeveloperTools\": \"never\"", "\"hideClientButton\": true", "\"agent\"", "\"mcp\"", "\"telemetry\": false"])
        {
            Assert.Contains(option.Replace(" ", ""), page.Replace(" ", ""));
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("localhost")]
    public async Task Without_a_key_it_answers_to_names_of_this_machine_only(string address)
    {
        await using WebApplication app = HostFixture.Create(options => options.Host = address);
        await app.StartAsync();
        foreach (string path in (string[])["/v1/models", "/metrics"])
        {
            foreach (string? name in (string?[])[null, "localhost", "[::1]:8080", "evil.example"])
            {
                using var http = new HttpClient { BaseAddress = new(app.Urls.First()), DefaultRequestHeaders = { Host = name } };
                HttpStatusCode status = name == "evil.example" ? HttpStatusCode.Forbidden : HttpStatusCode.OK;
                Assert.Equal(status, (await http.GetAsync(path)).StatusCode);
            }
        }
    }

    [Fact]
    public async Task With_a_key_it_answers_to_any_name()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "server.example" } };
        Assert.Equal(HttpStatusCode.OK, (await host.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("*")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public void Without_a_key_it_does_not_listen_for_other_machines(string address)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => HostFixture.Create(options => options.Host = address));
        Assert.Contains("key", refusal.Message);
    }

    [Theory]
    [InlineData("my-machine", 0)]
    [InlineData("http://127.0.0.1", 0)]
    [InlineData("127.0.0.1", 70_000)]
    [InlineData("127.0.0.1", -1)]
    public void An_address_that_is_none_is_told(string address, int port)
    {
        var refusal = Assert.Throws<ArgumentException>(() => HostFixture.Create(options => (options.Host, options.Port) = (address, port)));
        Assert.Contains(port == 0 ? address : $"{port}", refusal.Message);
    }
}
