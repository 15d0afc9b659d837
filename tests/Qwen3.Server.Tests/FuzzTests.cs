using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Qwen3.Server.Tests;

/// <summary>Valid requests with something in them replaced, left out, doubled or cut off.</summary>
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Count = 2000;

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "1", "2.5", "1e400", "123456789012345678901234567890",
        "\"\"", "\"auto\"", "\"a\\u0000b\"", "\"\\ud800\"", "[]", "{}", "[null]", "[[]]",
        "{\"type\":null}", "{\"type\":\"function\"}", "{\"type\":\"object\"}", "{\"$ref\":\"#\"}",
        "{\"type\":\"string\",\"pattern\":\"(a+)+$\"}", "{\"enum\":[]}", "[{\"type\":\"text\",\"text\":\"Hi\"}]",
        "{\"type\":\"array\",\"minItems\":1000000}", "\"<|im_end|></think><tool_call>\"",
    ];

    private static readonly string[] s_valid =
    [
        $$"""
        {"model":"{{ServerFixture.Instruct}}",
         "messages":[{"role":"system","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"Hello!"}]}],
         "max_tokens":1,"temperature":0.5,"top_p":0.9,"top_k":5,"min_p":0.1,"presence_penalty":1,"frequency_penalty":1,"repetition_penalty":1.1,
         "seed":1,"stop":["x"],"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"low",
         "chat_template_kwargs":{"enable_thinking":false},"n":1}
        """,
        $$$"""
        {"messages":[{"role":"user","content":"What is the weather in Paris?"},
          {"role":"assistant","reasoning_content":"I look.","content":null,"tool_calls":[
            {"id":"a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
          {"role":"tool","tool_call_id":"a","content":"sunny"}],"max_tokens":1,"parallel_tool_calls":false,
         "tools":[{{{Requests.WeatherTool}}},{{{Requests.MailTool}}}],"tool_choice":{"type":"function","function":{"name":"get_weather"} } }
        """,
        """
        {"messages":[{"role":"user","content":"Hello!"}],"max_completion_tokens":1,
         "response_format":{"type":"json_schema","json_schema":{"name":"person","strict":true,
           "schema":{"type":"object","properties":{"name":{"type":"string","maxLength":20},"age":{"type":"integer"}},
             "required":["name"],"additionalProperties":false}}}}
        """,
    ];

    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        // A small context ends what would go on and on, for some requests lose their limit of tokens.
        _app = await ServerFixture.StartAsync(builder => builder.Services.AddQwen3ChatClient(
            NanoModels.Instruct, client => (client.Engine.Threads, client.Engine.ContextSize) = (1, 640)));
        _http = new() { BaseAddress = new(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task No_request_breaks_the_server()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
        var random = new Random(seed);
        string[] requests = [.. Enumerable.Range(0, Count).Select(_ => Mutate(s_valid[random.Next(s_valid.Length)], random))];
        var statuses = new ConcurrentDictionary<int, int>();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (request, cancellationToken) =>
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(request)) { Headers = { ContentType = new("application/json") } };
            using HttpResponseMessage response = await _http.PostAsync("/v1/chat/completions", content, cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            Assert.True(
                response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound,
                $"Seed {seed}, status {response.StatusCode}: {body}\n{request}");
            Assert.False(body.Contains("internal_error"), $"Seed {seed}: {body}\n{request}");
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Assert.NotEmpty(JsonElement.Parse(body).GetProperty("error").GetProperty("message").GetString()!);
            }
        });
        TestContext.Current.SendDiagnosticMessage(string.Join(", ", statuses));
        Assert.True(statuses[200] > Count / 20 && statuses[400] > Count / 20, string.Join(", ", statuses));

        // No slot is stuck: as many as the engine computes together are answered.
        foreach ((int status, _) in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _http.AskAsync(Requests.Chat("Hello!")))))
        {
            Assert.Equal(200, status);
        }
    }

    private static string Mutate(string request, Random random)
    {
        if (random.Next(10) == 0)
        {
            int cut = random.Next(request.Length);
            return random.Next(2) == 0 ? request[..cut] : request.Insert(cut, ((string[])["\"", "}", "[", ",", "\0", "\ud83d"])[random.Next(6)]);
        }

        JsonNode root = JsonNode.Parse(request)!;
        List<string> values = [];
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            JsonNode[] nodes = [.. Below(root)];
            JsonNode node = nodes[random.Next(nodes.Length)];
            values.Add(random.Next(3) == 0 ? nodes[random.Next(nodes.Length)].ToJsonString() : s_values[random.Next(s_values.Length)]);
            if (node.Parent is JsonObject parent && random.Next(6) == 0)
            {
                parent.Remove(node.GetPropertyName());
            }
            else
            {
                node.ReplaceWith($"@{values.Count - 1}@");
            }
        }

        // Put in as text, for some are no JSON that a library would write.
        string text = root.ToJsonString();
        for (int i = values.Count - 1; i >= 0; i--)
        {
            text = text.Replace($"\"@{i}@\"", values[i]);
        }

        return text;
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => (node switch
    {
        JsonObject members => members.Select(member => member.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
}
