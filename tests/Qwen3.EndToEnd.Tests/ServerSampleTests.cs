using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Qwen3.EndToEnd.Tests;

public sealed class ServerSampleTests
{
    private const string Listening = "Now listening on: ";

    [Fact]
    public async Task Answers_for_two_models_beside_an_endpoint_of_its_own()
    {
        using Process process = Process.Start(SampleRun.Command("Server", "--urls", "http://127.0.0.1:0"))!;
        try
        {
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
            }
            while (!line.Contains(Listening, StringComparison.Ordinal));

            using var http = new HttpClient { BaseAddress = new(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]) };
            Assert.StartsWith("Hello", await http.GetStringAsync("/"));
            foreach ((string model, bool reasons) in ((string, bool)[])[("Qwen3-Nano-Instruct-2507", false), ("thinker", true)])
            {
                using HttpResponseMessage response = await http.PostAsJsonAsync(
                    "/v1/chat/completions", new { model, temperature = 0, messages = new[] { new { role = "user", content = "hello" } } });
                JsonElement message = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("choices")[0].GetProperty("message");
                Assert.StartsWith("Hello", message.GetProperty("content").GetString());
                Assert.Equal(reasons, message.TryGetProperty("reasoning_content", out _));
            }

            Assert.Equal("Healthy", await http.GetStringAsync("/health"));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
