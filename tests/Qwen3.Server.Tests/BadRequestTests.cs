using System.Net;
using System.Text;
using System.Text.Json;

namespace Qwen3.Server.Tests;

/// <summary>What is wrong with a request is said by name, and costs nobody else anything.</summary>
public sealed class BadRequestTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Image = """{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}""";

    [Theory]
    [InlineData("temperature", "\"hot\"", "temperature")]
    [InlineData("temperature", "-1", "temperature")]
    [InlineData("temperature", "1e999", "temperature")]
    [InlineData("top_p", "-0.1", "top_p")]
    [InlineData("top_k", "1.5", "top_k")]
    [InlineData("min_p", "2", "min_p")]
    [InlineData("max_tokens", "0", "max_tokens")]
    [InlineData("max_tokens", "99999999999", "max_tokens")]
    [InlineData("seed", "\"1\"", "seed")]
    [InlineData("presence_penalty", "3", "presence_penalty")]
    [InlineData("frequency_penalty", "[]", "frequency_penalty")]
    [InlineData("repetition_penalty", "0", "repetition_penalty")]
    [InlineData("thinking_budget", "-1", "thinking_budget")]
    [InlineData("chat_template_kwargs", """{"thinking_budget":-1}""", "chat_template_kwargs.thinking_budget")]
    [InlineData("reasoning_effort", "\"much\"", "reasoning_effort")]
    [InlineData("stream", "\"yes\"", "stream")]
    [InlineData("stream_options", "7", "stream_options")]
    [InlineData("stop", "[1]", "stop[0]")]
    [InlineData("stop", "\"\"", "stop")]
    [InlineData("stop", "{}", "stop")]
    [InlineData("n", "2", "n")]
    [InlineData("logprobs", "true", "logprobs")]
    [InlineData("logit_bias", """{"50256":-100}""", "logit_bias")]
    [InlineData("functions", """[{"name":"f"}]""", "functions")]
    [InlineData("guided_json", """{"type":"object"}""", "guided_json")]
    [InlineData("structured_outputs", """{"choice":["a","b"]}""", "structured_outputs")]
    [InlineData("grammar", "\"root ::= \\\"a\\\"\"", "grammar")]
    [InlineData("ignore_eos", "true", "ignore_eos")]
    [InlineData("audio", """{"voice":"alloy"}""", "audio")]
    [InlineData("model", "1", "model")]
    [InlineData("messages", "null", "messages")]
    [InlineData("messages", "[]", "messages")]
    [InlineData("messages", "{}", "messages")]
    [InlineData("messages", "[null]", "messages[0]")]
    [InlineData("messages", """[{"content":"Hello!"}]""", "messages[0].role")]
    [InlineData("messages", """[{"role":"wizard","content":"Hello!"}]""", "messages[0].role")]
    [InlineData("messages", """[{"role":"user"}]""", "messages[0].content")]
    [InlineData("messages", """[{"role":"user","content":5}]""", "messages[0].content")]
    [InlineData("messages", """[{"role":"user","content":[{"text":"Hello!"}]}]""", "messages[0].content[0].type")]
    [InlineData("messages", """[{"role":"user","content":[{"type":"text"}]}]""", "messages[0].content[0].text")]
    [InlineData("messages", """[{"role":"user","content":[{"type":"text","text":"What is it?"},""" + Image + "]}]", "messages[0].content[1]")]
    [InlineData("messages", """[{"role":"user","content":"half \ud800 a pair"}]""", "messages[0].content")]
    [InlineData("messages", """[{"role":"assistant","tool_calls":[{"id":"a"}]}]""", "messages[0].tool_calls[0].function.name")]
    [InlineData("messages", """[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{"}}]}]""",
        "messages[0].tool_calls[0].function.arguments")]
    [InlineData("messages", """[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"[1]"}}]}]""",
        "messages[0].tool_calls[0].function.arguments")]
    [InlineData("tools", """[{"type":"web_search"}]""", "tools[0].type")]
    [InlineData("tools", """[{"type":"function"}]""", "tools[0].function")]
    [InlineData("tools", """[{"type":"function","function":{"description":"nameless"}}]""", "tools[0].function.name")]
    [InlineData("tools", """[{"type":"function","function":{"name":"f","parameters":[]}}]""", "tools[0].function.parameters")]
    [InlineData("tools", """[{"function":{"name":"f"}},{"function":{"name":"f"}}]""", "tools[1].function.name")]
    [InlineData("tool_choice", """{"type":"function","function":{"name":"f"},"\ud800":1}""", "tool_choice")]
    [InlineData("messages", """[{"role":"user","content":[{"type":"text","text":"Hi","\ud800":1}]}]""", "messages[0].content[0]")]
    [InlineData("tool_choice", "\"required\"", "tool_choice")]
    [InlineData("tool_choice", "\"perhaps\"", "tool_choice")]
    [InlineData("tool_choice", """{"type":"function","function":{"name":"f"}}""", "tool_choice.function.name")]
    [InlineData("response_format", """{"type":"yaml"}""", "response_format.type")]
    [InlineData("response_format", """{"type":"json_object","schema":true}""", "response_format.schema")]
    [InlineData("response_format", """{"type":"json_schema"}""", "response_format.json_schema")]
    [InlineData("response_format", """{"type":"json_schema","json_schema":{"name":"a","schema":true}}""", "response_format.json_schema.schema")]
    public async Task A_field_that_is_wrong_is_named(string field, string value, string param)
    {
        string request = field == "messages" ? $"{{\"messages\":{value}}}" : Requests.Chat("Hello!", $"\"{field}\":{value}");
        (int status, JsonElement body) = await server.AskAsync(request);
        Assert.Equal(400, status);
        JsonElement error = body.GetProperty("error");
        Assert.Equal(("invalid_request_error", param), (error.GetProperty("type").GetString(), error.GetProperty("param").GetString()));
        Assert.Contains(param, error.GetProperty("message").GetString());
        Assert.DoesNotContain("System.", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"messages":[{"role":"user","content":"Hello!"}],}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Hello!"}]} trailing""")]
    public async Task What_is_no_JSON_is_refused(string body)
    {
        (int status, JsonElement answer) = await server.AskAsync(body);
        Assert.Equal(400, status);
        Assert.Contains("body", answer.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_schema_that_nothing_satisfies_is_told_before_the_model_begins()
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat(
            "Hello!", """
            "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"integer","minimum":5,"maximum":1}}}
            """));
        Assert.Equal(400, status);
        Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_schema_that_can_be_followed_in_too_many_ways_is_the_clients_to_mend()
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat(
            "Hello!", """
            "temperature":2,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"string","pattern":"^(.{0,5000}[a-z]){0,50}$"}}}
            """));
        Assert.Equal(400, status);
        Assert.Equal("schema_too_complex", body.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("alternatives", body.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        foreach (int depth in (int[])[100, 100_000])
        {
            (int status, _) = await server.AskAsync(Requests.Chat("Hello!", $"\"unheard_of\":{new string('[', depth)}{new string(']', depth)}"));
            Assert.Equal(400, status);
            string schema = string.Concat(Enumerable.Repeat("{\"items\":", depth)) + "{}" + new string('}', depth);
            (status, _) = await server.AskAsync(Requests.Chat("Hello!", $$$"""
                "tools":[{"type":"function","function":{"name":"f","parameters":{{{schema}}}}}]
                """));
            Assert.Equal(400, status);
        }
    }

    [Fact]
    public async Task More_tools_or_messages_than_are_taken_are_refused()
    {
        string tools = string.Join(',', Enumerable.Range(0, 129).Select(i => $$$"""{"type":"function","function":{"name":"f{{{i}}}"}}"""));
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat("Hello!", $"\"tools\":[{tools}]"));
        Assert.Equal((400, "tools"), (status, body.GetProperty("error").GetProperty("param").GetString()));
        string messages = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"Hello!"}""", 4097));
        (status, body) = await server.AskAsync($"{{\"messages\":[{messages}]}}");
        Assert.Equal((400, "messages"), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task More_objects_than_a_request_can_mean_are_refused_before_they_take_memory()
    {
        string calls = string.Join(',', Enumerable.Repeat("{}", 150_000));
        // Neither a name before them that is no text, nor their being in several places, hides them.
        foreach (string request in (string[])
        [
            $$"""{"messages":[{"role":"assistant","tool_calls":[{{calls}}]}]}""",
            $$"""{"\ud800":1,"messages":[{"role":"assistant","tool_calls":[{{calls}}]}]}""",
            $$"""{"tools":[{{calls[..200_001]}}{}],"messages":[{"role":"assistant","tool_calls":[{{calls[..200_001]}}{}]}]}""",
        ])
        {
            (int status, JsonElement body) = await server.AskAsync(request);
            Assert.Equal((400, "messages"), (status, body.GetProperty("error").GetProperty("param").GetString()));
            Assert.Contains("100000 objects", body.GetProperty("error").GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_body_is_passed_over()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Requests.Chat("Hello!"))];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using HttpResponseMessage response = await server.Http.PostAsync("/v1/chat/completions", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_compressed_is_told_so()
    {
        using var content = new ByteArrayContent([0x1f, 0x8b, 8]) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } };
        using HttpResponseMessage response = await server.Http.PostAsync("/v1/chat/completions", content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("gzip", (await response.ReadJsonAsync()).GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("POST", "embeddings", 404, "unknown_url", null)]
    [InlineData("POST", "responses", 404, "unknown_url", null)]
    [InlineData("GET", "chat/completions", 405, "method_not_allowed", "POST")]
    [InlineData("DELETE", "models/qwen3-instruct", 405, "method_not_allowed", "GET")]
    public async Task What_there_is_not_is_said_in_the_shape_that_clients_read(string method, string path, int status, string code, string? allow)
    {
        using var request = new HttpRequestMessage(new(method), $"/v1/{path}");
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal((status, allow), ((int)response.StatusCode, response.Content.Headers.Allow.SingleOrDefault()));
        JsonElement error = (await response.ReadJsonAsync()).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(path, error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("functions", "[]")]
    [InlineData("function_call", "\"auto\"")]
    [InlineData("logit_bias", "{}")]
    [InlineData("top_logprobs", "0")]
    [InlineData("max_tokens", "-1")]
    [InlineData("max_completion_tokens", "7.0")]
    [InlineData("seed", "1e2")]
    [InlineData("reasoning_effort", "\"default\"")]
    [InlineData("reasoning_effort", "\"max\"")]
    [InlineData("response_format", """{"type":"text"}""")]
    [InlineData("messages", """[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":"null"}}]}]""")]
    public async Task What_clients_send_that_changes_nothing_is_taken(string field, string value)
    {
        string request = field == "messages" ? $"{{\"messages\":{value},\"max_tokens\":2}}" : Requests.Chat("Hello!", $"\"{field}\":{value}");
        Assert.Equal(200, (await server.AskAsync(request)).Status);
    }

    [Fact]
    public async Task A_conversation_that_is_too_long_for_the_context_is_told_so()
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat(string.Concat(Enumerable.Repeat("hello ", 5000))));
        Assert.Equal((400, "context_length_exceeded"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_not_read(bool tellsItsLength)
    {
        string body = Requests.Chat(new string('a', 10 * 1024 * 1024));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = HttpAsking.Json(body) };
        // The client waits for the server's word before it sends the body, or would be cut off in the middle of it.
        request.Headers.ExpectContinue = true;
        request.Headers.TransferEncodingChunked = !tellsItsLength;
        try
        {
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Equal("request_too_large", (await response.ReadJsonAsync()).GetProperty("error").GetProperty("code").GetString());
        }
        catch (HttpRequestException) when (!tellsItsLength)
        {
            // Cut off in the middle, which is as good.
        }

        Assert.Equal(200, (await server.AskAsync(Requests.Chat("Hello!"))).Status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task What_a_page_of_another_site_may_send_is_refused(string type)
    {
        using var content = new StringContent(Requests.Chat("Hello!"), Encoding.UTF8, type);
        using HttpResponseMessage response = await server.Http.PostAsync("/v1/chat/completions", content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", (await response.ReadJsonAsync()).GetProperty("error").GetProperty("message").GetString());
    }
}
