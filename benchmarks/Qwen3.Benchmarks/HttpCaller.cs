using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Qwen3.Benchmarks;

internal sealed class HttpCaller(string address) : ICaller, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new(address) };

    public async Task<(string Text, int Tokens)> AskAsync(string city, bool leaves)
    {
        string body = $$$"""
            {"stream":true,"stream_options":{"include_usage":true},"temperature":0,"max_tokens":64,"messages":[
              {"role":"user","content":"What is the weather in {{{city}}}?"},
              {"role":"assistant","tool_calls":[
                {"id":"a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"{{{city}}}\"}"}}]},
              {"role":"tool","tool_call_id":"a","content":"sunny, 21 degrees"}]}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = content };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var text = new StringBuilder();
        int tokens = 0;
        SseParser<(string? Text, int Tokens, bool IsEnd)> events = SseParser.Create(await response.Content.ReadAsStreamAsync(), Read);
        await foreach (SseItem<(string? Text, int Tokens, bool IsEnd)> item in events.EnumerateAsync())
        {
            if (item.Data.IsEnd)
            {
                return (text.ToString(), tokens);
            }

            text.Append(item.Data.Text);
            tokens = Math.Max(tokens, item.Data.Tokens);
            if (leaves && text.Length > 0)
            {
                return (text.ToString(), tokens);
            }
        }

        throw new InvalidDataException($"The answer about {city} ended without its last event.");
    }

    public void Dispose() => _http.Dispose();

    private static (string? Text, int Tokens, bool IsEnd) Read(string type, ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            return (null, 0, true);
        }

        var reader = new Utf8JsonReader(data);
        (string? text, int tokens) = (null, 0);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                text = reader.GetString();
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("completion_tokens"u8))
            {
                reader.Read();
                tokens = reader.GetInt32();
            }
        }

        return (text, tokens, false);
    }
}
