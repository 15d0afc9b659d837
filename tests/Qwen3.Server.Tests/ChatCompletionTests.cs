using System.Text.Json;

namespace Qwen3.Server.Tests;

public sealed class ChatCompletionTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task An_answer_has_the_form_that_OpenAIs_clients_read()
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat("Hello!"));
        Assert.Equal(200, status);
        Assert.StartsWith("chatcmpl-", body.GetProperty("id").GetString());
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal(ServerFixture.Instruct, body.GetProperty("model").GetString());
        Assert.True(body.GetProperty("created").GetInt64() > 1_700_000_000);
        JsonElement choice = Assert.Single(body.GetProperty("choices").EnumerateArray());
        Assert.Equal(0, choice.GetProperty("index").GetInt32());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.NotEmpty(choice.GetProperty("message").GetProperty("content").GetString()!);
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
        JsonElement usage = body.GetProperty("usage");
        Assert.Equal(
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("total_tokens").GetInt32());
    }

    [Theory]
    [InlineData(ServerFixture.Instruct)]
    [InlineData(ServerFixture.Thinking)]
    public async Task A_streamed_answer_is_the_whole_one_in_pieces(string model)
    {
        string request = Requests.Chat("What is the weather in Hanoi and Tokyo?", $"\"model\":\"{model}\",\"tools\":[{Requests.WeatherTool}]");
        (_, JsonElement whole) = await server.AskAsync(request);
        List<string> events = await server.Http.StreamAsync(
            request.Replace("\"temperature\"", "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"temperature\""));

        Assert.Equal("[DONE]", events[^1]);
        List<JsonElement> chunks = [.. events.SkipLast(1).Select(data => JsonElement.Parse(data))];
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.Single(chunks.Select(chunk => (chunk.GetProperty("id").GetString(), chunk.GetProperty("created").GetInt64())).Distinct());
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        List<JsonElement> choices = [.. chunks.SkipLast(1).Select(chunk => Assert.Single(chunk.GetProperty("choices").EnumerateArray()))];
        Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.All(choices.SkipLast(1), choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));

        JsonElement message = whole.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), choices[^1].GetProperty("finish_reason").GetString());
        Assert.Equal(TextOf(message, "content"), string.Concat(choices.Select(choice => TextOf(choice.GetProperty("delta"), "content"))));
        string reasoning = TextOf(message, "reasoning_content");
        Assert.Equal(model == ServerFixture.Thinking, reasoning.Length > 0);
        Assert.Equal(reasoning, string.Concat(choices.Select(choice => TextOf(choice.GetProperty("delta"), "reasoning_content"))));
        Assert.Equal(
            message.GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("function").GetRawText()),
            choices.SelectMany(choice => CallsOf(choice.GetProperty("delta"))).Select(call => call.GetProperty("function").GetRawText()));
        Assert.Equal([0, 1], choices.SelectMany(choice => CallsOf(choice.GetProperty("delta"))).Select(call => call.GetProperty("index").GetInt32()));
        Assert.Equal(
            whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
            chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Usage_is_streamed_to_who_asks_for_it_only()
    {
        List<string> events = await server.Http.StreamAsync(Requests.Chat("Hello!", "\"stream\":true"));
        Assert.DoesNotContain(events, data => data.Contains("usage"));
    }

    [Fact]
    public async Task Parallel_calls_each_have_an_id_and_one_call_is_kept_where_several_are_not_wanted()
    {
        string tools = $"\"tools\":[{Requests.WeatherTool},{Requests.MailTool}]";
        (_, JsonElement body) = await server.AskAsync(Requests.Chat("What is the weather in Hanoi and Tokyo?", tools));
        JsonElement message = body.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("tool_calls", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, message.GetProperty("content").ValueKind);
        Assert.Equal(["Hanoi", "Tokyo"], CallsOf(message).Select(CityOf));
        Assert.Equal(2, CallsOf(message).Select(call => call.GetProperty("id").GetString()).Distinct().Count());
        Assert.All(CallsOf(message), call => Assert.Equal("function", call.GetProperty("type").GetString()));

        (_, body) = await server.AskAsync(Requests.Chat("What is the weather in Hanoi and Tokyo?", $"{tools},\"parallel_tool_calls\":false"));
        Assert.Equal(["Hanoi"], CallsOf(body.GetProperty("choices")[0].GetProperty("message")).Select(CityOf));
    }

    [Theory]
    [InlineData("\"required\"", true)]
    [InlineData("""{"type":"function","function":{"name":"get_weather"}}""", true)]
    [InlineData("\"auto\"", false)]
    [InlineData("\"none\"", false)]
    public async Task The_choice_of_tools_is_heeded(string choice, bool calls)
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat(
            "Hello!", $"\"max_tokens\":200,\"tools\":[{Requests.WeatherTool}],\"tool_choice\":{choice}"));
        Assert.Equal(200, status);
        IEnumerable<JsonElement> made = CallsOf(body.GetProperty("choices")[0].GetProperty("message"));
        Assert.Equal(calls, made.Any(call => call.GetProperty("function").GetProperty("name").GetString() == "get_weather"));
    }

    [Fact]
    public async Task A_call_that_the_limit_cuts_off_leaves_no_markup()
    {
        string request = $"\"max_tokens\":12,\"tools\":[{Requests.WeatherTool}],\"tool_choice\":\"required\"";
        (_, JsonElement body) = await server.AskAsync(Requests.Chat("What is the weather in Paris?", request));
        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("", TextOf(choice.GetProperty("message"), "content"));
        Assert.Empty(CallsOf(choice.GetProperty("message")));

        List<string> events = await server.Http.StreamAsync(Requests.Chat("What is the weather in Paris?", $"{request},\"stream\":true"));
        Assert.DoesNotContain(events, data => data.Contains("tool_call", StringComparison.Ordinal));
        Assert.Contains("length", events[^2]);
    }

    [Fact]
    public async Task A_call_and_its_result_in_the_history_are_what_the_model_answers_from()
    {
        (_, JsonElement body) = await server.AskAsync(
            $$$"""
            {"temperature":0,"tools":[{{{Requests.WeatherTool}}}],"messages":[
              {"role":"user","content":[{"type":"text","text":"What is the weather"},{"type":"text","text":" in Paris?"}]},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"a","content":"rainy, 14 degrees"}]}
            """);
        string answer = body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        Assert.Contains("Paris", answer);
        Assert.Contains("14", answer);
    }

    [Fact]
    public async Task An_answer_can_be_held_to_a_schema()
    {
        const string Schema = """
            {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":120}},
             "required":["name","age"],"additionalProperties":false}
            """;
        foreach (string format in (string[])
        [
            $$$"""{"type":"json_schema","json_schema":{"name":"person","strict":true,"schema":{{{Schema}}}}}""",
            $$$"""{"type":"json_object","schema":{{{Schema}}}}""",
        ])
        {
            (_, JsonElement body) = await server.AskAsync(Requests.Chat("Extract the person: Anna is 30 and lives in Rome.", $"\"response_format\":{format}"));
            JsonElement person = JsonElement.Parse(body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
            Assert.Equal("Anna", person.GetProperty("name").GetString());
            Assert.InRange(person.GetProperty("age").GetInt32(), 0, 120);
        }
    }

    [Fact]
    public async Task Thinking_can_be_limited_and_turned_off_and_is_counted()
    {
        static string Request(string more) =>
            Requests.Chat("What is the weather in Paris?", $"\"model\":\"{ServerFixture.Thinking}\",\"tools\":[{Requests.WeatherTool}]{more}");
        (_, JsonElement free) = await server.AskAsync(Request(""));
        Assert.True(ReasoningTokens(free) > 3);
        foreach (string off in (string[])
        [
            "\"reasoning_effort\":\"none\"", "\"chat_template_kwargs\":{\"enable_thinking\":false}", "\"enable_thinking\":false",
            "\"thinking_budget\":0", "\"enable_thinking\":false,\"thinking_budget\":50",
        ])
        {
            (_, JsonElement body) = await server.AskAsync(Request($",{off}"));
            Assert.Equal(0, ReasoningTokens(body));
            Assert.False(body.GetProperty("choices")[0].GetProperty("message").TryGetProperty("reasoning_content", out _));
        }

        (_, JsonElement limited) = await server.AskAsync(Request(",\"thinking_budget\":3"));
        Assert.Contains("Considering the limited time", TextOf(limited.GetProperty("choices")[0].GetProperty("message"), "reasoning_content"));
    }

    [Fact]
    public async Task What_a_request_has_in_common_with_an_earlier_one_is_counted_as_cached()
    {
        const string Question = "My name is Anna. What is the weather in Lisbon today?";
        await server.AskAsync(Requests.Chat(Question));
        (_, JsonElement body) = await server.AskAsync(Requests.Chat(Question));
        JsonElement usage = body.GetProperty("usage");
        int cached = usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
        Assert.InRange(cached, 5, usage.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Limits_of_length_stop_texts_and_seeds_are_heeded()
    {
        (_, JsonElement cut) = await server.AskAsync(Requests.Chat("What can you do?", "\"max_completion_tokens\":3,\"max_tokens\":50"));
        Assert.Equal("length", cut.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(3, cut.GetProperty("usage").GetProperty("completion_tokens").GetInt32());

        (_, JsonElement whole) = await server.AskAsync(Requests.Chat("What can you do?"));
        string text = TextOf(whole.GetProperty("choices")[0].GetProperty("message"), "content");
        string word = text.Split(' ')[2];
        (_, JsonElement stopped) = await server.AskAsync(Requests.Chat("What can you do?", $"\"stop\":{JsonSerializer.Serialize(word)}"));
        Assert.Equal(
            text[..text.IndexOf(word, StringComparison.Ordinal)], TextOf(stopped.GetProperty("choices")[0].GetProperty("message"), "content"));
        Assert.Equal("stop", stopped.GetProperty("choices")[0].GetProperty("finish_reason").GetString());

        async Task<string> WildAsync(int seed)
        {
            (_, JsonElement body) = await server.AskAsync(
                $$"""{"messages":[{"role":"user","content":"Hello!"}],"temperature":3,"top_k":0,"top_p":1,"max_tokens":12,"seed":{{seed}}}""");
            return body.GetProperty("choices").GetRawText();
        }

        string first = await WildAsync(1);
        Assert.Equal(first, await WildAsync(1));
        Assert.NotEqual(first, await WildAsync(2));
    }

    [Fact]
    public async Task A_top_p_of_0_takes_the_likeliest_token()
    {
        (_, JsonElement greedy) = await server.AskAsync(Requests.Chat("Hello!"));
        (_, JsonElement body) = await server.AskAsync("""{"messages":[{"role":"user","content":"Hello!"}],"temperature":3,"top_k":0,"top_p":0}""");
        Assert.Equal(greedy.GetProperty("choices").GetRawText(), body.GetProperty("choices").GetRawText());
    }

    private static string TextOf(JsonElement message, string name) =>
        message.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";

    private static IEnumerable<JsonElement> CallsOf(JsonElement message) =>
        message.TryGetProperty("tool_calls", out JsonElement calls) ? calls.EnumerateArray() : [];

    private static string? CityOf(JsonElement call) =>
        JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("city").GetString();

    private static int ReasoningTokens(JsonElement body) =>
        body.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32();
}
