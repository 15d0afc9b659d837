using System.Diagnostics;
using System.Text.Json;

namespace Qwen3.Server.Tests;

/// <summary>HTTP as curl speaks it.</summary>
public sealed class CurlTests(HostFixture host) : IClassFixture<HostFixture>
{
    [Fact]
    public async Task It_asks_and_streams()
    {
        JsonElement whole = JsonElement.Parse(await CurlAsync(Requests.Chat("Hello!")));
        string text = whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        string[] events = (await CurlAsync(Requests.Chat("Hello!", "\"stream\":true"))).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Equal(text, string.Concat(events
            .SkipLast(1)
            .Select(data => JsonElement.Parse(data["data: ".Length..]).GetProperty("choices")[0].GetProperty("delta"))
            .Select(delta => delta.TryGetProperty("content", out JsonElement piece) ? piece.GetString() : "")));
    }

    private async Task<string> CurlAsync(string body)
    {
        using Process curl = Process.Start(new ProcessStartInfo("curl")
        {
            ArgumentList =
            {
                "--silent", "--show-error", "--fail-with-body", "--no-buffer", "--noproxy", "*", $"{host.Address}/v1/chat/completions",
                "--header", "Content-Type: application/json", "--header", $"Authorization: Bearer {HostFixture.Key}", "--data", body,
            },
            RedirectStandardOutput = true,
        })!;
        string output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.Equal(0, curl.ExitCode);
        return output;
    }
}
