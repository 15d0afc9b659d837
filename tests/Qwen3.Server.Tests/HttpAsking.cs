using System.Text;
using System.Text.Json;

namespace Qwen3.Server.Tests;

/// <summary>Plain HTTP, as a client in any language sends it.</summary>
internal static class HttpAsking
{
    public static async Task<(int Status, JsonElement Body)> AskAsync(this HttpClient http, string body)
    {
        using HttpResponseMessage response = await http.PostAsync("/v1/chat/completions", Json(body));
        return ((int)response.StatusCode, await response.ReadJsonAsync());
    }

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());

    /// <summary>The data of a streamed answer's events.</summary>
    public static async Task<List<string>> StreamAsync(this HttpClient http, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json(body) };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        List<string> events = [];
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                Assert.StartsWith("data: ", line);
                events.Add(line["data: ".Length..]);
            }
        }

        return events;
    }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
