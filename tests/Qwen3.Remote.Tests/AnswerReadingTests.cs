using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Remote.Tests;

/// <summary>Answers that are odd, and readable.</summary>
public sealed class AnswerReadingTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"eos\"")]
    [InlineData("\"eos_token\"")]
    [InlineData("\"tool_call\"")]
    [InlineData("\"tool_calls\"")]
    [InlineData("\"STOP\"")]
    [InlineData("\"something new\"")]
    [InlineData("true")]
    [InlineData("{\"type\":\"stop\"}")]
    [InlineData("[]")]
    public async Task Any_finish_reason_of_an_answer_with_text_is_stop(string reason)
    {
        foreach (ChatResponse response in await AnswersAsync(Message("\"content\":\"Paris.\"", reason)))
        {
            Assert.Equal(("Paris.", ChatFinishReason.Stop), (response.Text, response.FinishReason));
        }
    }

    [Theory]
    [InlineData("\"stop\"")]
    [InlineData("\"tool_call\"")]
    [InlineData("\"function_call\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task Any_finish_reason_of_an_answer_with_calls_is_tool_calls(string reason)
    {
        foreach (ChatResponse response in await AnswersAsync(Message(Calls(Call("\"id\":\"a\"", "Rome")), reason)))
        {
            Assert.Equal(["""GetWeather {"city":"Rome"}"""], Describe(response));
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        }
    }

    [Theory]
    [InlineData("\"length\"")]
    [InlineData("\"max_tokens\"")]
    public async Task An_answer_that_was_cut_says_so(string reason)
    {
        foreach (ChatResponse response in await AnswersAsync(Message("\"content\":\"Par\"", reason)))
        {
            Assert.Equal(("Par", ChatFinishReason.Length), (response.Text, response.FinishReason));
        }
    }

    [Fact]
    public async Task An_empty_finish_reason_in_each_chunk_does_not_end_the_stream()
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(
            Chunk("\"content\":\"Par\"", "\"\""), Chunk("\"content\":\"is.\"", "\"\""), Chunk("", "\"\"")));
        ChatResponse response = await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token);
        Assert.Equal(("Paris.", ChatFinishReason.Stop), (response.Text, response.FinishReason));
    }

    [Theory]
    [InlineData("""{"id":"a","type":"","function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""")]
    [InlineData("""{"id":"a","type":null,"function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""")]
    [InlineData("""{"type":"function","function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""")]
    [InlineData("""{"id":null,"type":"function","function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""")]
    [InlineData("""{"id":{},"type":7,"function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""")]
    [InlineData("""{"id":7,"function":{"name":"GetWeather","arguments":{"city":"Rome"}}}""")]
    [InlineData("""{"id":"a","function":{"name":"GetWeather","arguments":"\"{\\\"city\\\":\\\"Rome\\\"}\""}}""")]
    [InlineData("""{"id":"a","name":"GetWeather","arguments":{"city":"Rome"}}""")]
    [InlineData("""{"id":"a","function":"GetWeather","arguments":"{\"city\":\"Rome\"}"}""")]
    [InlineData("""{"id":"a","function":{"name":"GetWeather","parameters":{"city":"Rome"}}}""")]
    public async Task A_call_is_read_whatever_is_wrong_around_it(string call)
    {
        foreach (string calls in (string[])[$"\"tool_calls\":[{call}]", $"\"tool_calls\":{call}", $"\"tool_calls\":{JsonSerializer.Serialize($"[{call}]")}"])
        {
            foreach (ChatResponse response in await AnswersAsync(Message($"\"content\":null,{calls}", "\"tool_calls\"")))
            {
                Assert.Equal(["""GetWeather {"city":"Rome"}"""], Describe(response));
                Assert.NotEmpty(Assert.Single(CallsOf(response)).CallId);
            }
        }
    }

    [Theory]
    [InlineData(""","arguments":null""")]
    [InlineData(""","arguments":"" """)]
    [InlineData(""","arguments":{}""")]
    [InlineData(""","arguments":[]""")]
    [InlineData(""","arguments":"null" """)]
    [InlineData("")]
    public async Task A_call_of_a_function_without_parameters_needs_no_arguments(string arguments)
    {
        string call = $$$"""{"id":"a","type":"function","function":{"name":"Now"{{{arguments}}}}}""";
        foreach (ChatResponse response in await AnswersAsync(Message($"\"tool_calls\":[{call}]", "\"tool_calls\"")))
        {
            Assert.Equal(["Now {}"], Describe(response));
        }
    }

    [Fact]
    public async Task Calls_without_ids_keep_their_own_arguments()
    {
        foreach (ChatResponse response in await AnswersAsync(Message(
            Calls(Call("\"id\":\"\"", "Ro\nme"), Call("\"id\":\"\"", "Os\\nlo"), Call("\"id\":\" \"", "Bern")), "\"tool_calls\"")))
        {
            Assert.Equal(
                ["""GetWeather {"city":"Ro\nme"}""", """GetWeather {"city":"Os\nlo"}""", """GetWeather {"city":"Bern"}"""], Describe(response));
        }
    }

    [Theory]
    [InlineData("\"index\":0,", "\"index\":0,")]
    [InlineData("", "")]
    [InlineData("\"index\":null,", "\"index\":\"0\",")]
    [InlineData("\"index\":\"0\",", "\"index\":\"1\",")]
    [InlineData("\"index\":5,", "\"index\":3,")]
    public async Task Two_calls_of_a_stream_are_told_apart_whatever_their_indexes(string first, string second)
    {
        string[] chunks =
        [
            Chunk(Calls($$$"""{{{{first}}}"id":"a","type":"function","function":{"name":"GetWeather","arguments":""}}""")),
            Chunk(Calls($$$"""{{{{first}}}"function":{"arguments":"{\"city\""}}""")),
            Chunk(Calls($$$"""{{{{first}}}"function":{"arguments":":\"Rome\"}"}}""")),
            Chunk(Calls($$$"""{{{{second}}}"id":"b","type":"function","function":{"name":"GetWeather","arguments":""}}""")),
            Chunk(Calls($$$"""{{{{second}}}"function":{"arguments":"{\"city\":\"Oslo\"}"}}""")),
            Chunk("", "\"tool_calls\""),
        ];
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(chunks));
        ChatResponse response = await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token);
        Assert.Equal(["""GetWeather {"city":"Rome"}""", """GetWeather {"city":"Oslo"}"""], Describe(response));
        Assert.Equal(["a", "b"], CallsOf(response).Select(call => call.CallId));
    }

    [Fact]
    public async Task A_call_that_a_stream_repeats_at_its_end_is_one_call()
    {
        string whole = """{"index":0,"id":"a","type":"function","function":{"name":"GetWeather","arguments":"{\"city\":\"Rome\"}"}}""";
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(
            Chunk(Calls("""{"index":0,"id":"a","type":"function","function":{"name":"GetWeather","arguments":"{\"city\":"}}""")),
            Chunk(Calls("""{"index":0,"id":"a","type":"function","function":{"name":"GetWeather","arguments":"\"Rome\"}"}}""")),
            Chunk(Calls(whole), "\"tool_calls\"")));
        ChatResponse response = await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token);
        Assert.Equal(["""GetWeather {"city":"Rome"}"""], Describe(response));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("7")]
    public async Task A_chunk_without_choices_is_passed_over(string choices)
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(
            Chunk("\"content\":\"Par\""), $$"""{"id":"1","choices":{{choices}}}""", Chunk("\"content\":\"is.\"", "\"stop\"")));
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Theory]
    [InlineData("""[{"type":"text","text":"Par"},{"type":"text","text":"is."}]""")]
    [InlineData("""["Par","is."]""")]
    [InlineData("""{"type":"text","text":"Paris."}""")]
    [InlineData("""[{"type":"output_text","text":"Paris."},null]""")]
    public async Task Parts_are_read_in_place_of_text(string content)
    {
        foreach (ChatResponse response in await AnswersAsync(Message($"\"content\":{content}", "\"stop\"")))
        {
            Assert.Equal("Paris.", response.Text);
        }
    }

    [Theory]
    [InlineData("""{"name":"Anna","age":30}""")]
    [InlineData("""[1,2]""")]
    [InlineData("42")]
    public async Task JSON_that_the_server_parsed_is_read_as_text(string content)
    {
        foreach (ChatResponse response in await AnswersAsync(Message($"\"content\":{content}", "\"stop\"")))
        {
            Assert.Equal(content, response.Text);
        }
    }

    [Fact]
    public async Task Reasoning_is_read_under_each_of_its_names()
    {
        foreach (string members in (string[])
            [
                "\"reasoning\":\"Why.\"", "\"reasoning_content\":\"Why.\",\"reasoning\":\"Why.\"", "\"thinking\":\"Why.\"",
                "\"reasoning\":{\"type\":\"thinking\",\"text\":\"Why.\"}",
            ])
        {
            foreach (ChatResponse response in await AnswersAsync(Message($"\"content\":\"Paris.\",{members}", "\"stop\""), "qwen3-thinking"))
            {
                Assert.Equal("Why.", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).Text);
                Assert.Equal("Paris.", response.Text);
            }
        }
    }

    [Theory]
    [InlineData(ModelServer.Vllm)]
    [InlineData(ModelServer.LMStudio)]
    [InlineData(ModelServer.Other)]
    public async Task Text_of_a_thinking_model_that_did_not_think_is_text(ModelServer server)
    {
        foreach (ChatResponse response in await AnswersAsync(Message("\"content\":\"Paris.\"", "\"stop\""), "qwen3-thinking", server: server))
        {
            Assert.Equal("Paris.", Assert.IsType<TextContent>(Assert.Single(response.Messages[0].Contents)).Text);
        }

        foreach (ChatResponse response in await AnswersAsync(Message("\"content\":\"So.</think>Yes.\"", "\"stop\""), "qwen3-thinking", server: server))
        {
            Assert.Equal("So.", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).Text);
            Assert.Equal("Yes.", response.Text);
        }
    }

    [Fact]
    public async Task Text_of_a_thinking_model_that_did_not_think_on_Ollama_is_text()
    {
        const string Body =
            """{"model":"m","created_at":"2025-10-26T17:15:24Z","message":{"role":"assistant","content":"Paris."},"done":true,"done_reason":"stop"}""";
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(Body + "\n", ModelServer.Ollama, "qwen3-thinking");
        Assert.Equal("Paris.", (await client.GetResponseAsync("Hello!")).Text);
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task Reasoning_in_the_text_is_streamed_once_the_server_is_known_to_leave_it_there()
    {
        string body = AnsweringHandler.Events(
            Chunk("\"content\":\"So \""), Chunk("\"content\":\"it is.</thi\""), Chunk("\"content\":\"nk>Yes\""), Chunk("\"content\":\".\"", "\"stop\""));
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body, model: "qwen3-thinking");
        for (int i = 0; i < 2; i++)
        {
            List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Hello!").ToListAsync(s_token);
            Assert.Equal(i > 0, updates[0].Contents is [TextReasoningContent]);
            ChatResponse response = updates.ToChatResponse();
            Assert.Equal("So it is.", string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(content => content.Text)));
            Assert.Equal("Yes.", response.Text);
        }
    }

    [Theory]
    [InlineData(ReasoningEffort.None, false)]
    [InlineData(null, true)]
    public async Task JSON_that_a_parser_took_for_reasoning_is_the_answer(ReasoningEffort? effort, bool wantsJson)
    {
        var options = new ChatOptions
        {
            Reasoning = new() { Effort = effort },
            ResponseFormat = wantsJson ? ChatResponseFormat.Json : null,
        };
        foreach (string name in (string[])["reasoning", "reasoning_content"])
        {
            foreach (ChatResponse response in await AnswersAsync(
                Message($$"""
                    "content":null,"{{name}}":"{\"a\": 1}"
                    """, "\"stop\""), "qwen3-4b", options))
            {
                Assert.Equal("""{"a": 1}""", response.Text);
                Assert.Empty(response.Messages[0].Contents.OfType<TextReasoningContent>());
            }
        }
    }

    [Fact]
    public async Task Reasoning_of_a_model_that_ignores_that_it_must_not_think_stays_reasoning()
    {
        var options = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.None } };
        foreach (ChatResponse response in await AnswersAsync(Message("\"reasoning\":\"Why.\",\"content\":\"Paris.\"", "\"stop\""), "qwen3-4b", options))
        {
            Assert.Equal("Why.", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).Text);
            Assert.Equal("Paris.", response.Text);
        }
    }

    [Theory]
    [InlineData("\"prompt_tokens\":null,\"completion_tokens\":5", null, 5)]
    [InlineData("\"prompt_tokens\":3.0,\"completion_tokens\":5.7", 3, 5)]
    [InlineData("\"prompt_tokens\":\"3\",\"completion_tokens\":-1", 3, null)]
    [InlineData("\"prompt_tokens\":1e400,\"completion_tokens\":5,\"prompt_tokens_details\":\"none\"", null, 5)]
    public async Task Usage_has_what_can_be_counted(string usage, int? input, int? output)
    {
        string body = Message("\"content\":\"Paris.\"", "\"stop\"", $",\"usage\":{{{usage}}}");
        foreach (ChatResponse response in await AnswersAsync(body))
        {
            Assert.Equal((input, output), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        }
    }

    [Theory]
    [InlineData("1764000000", 1764000000)]
    [InlineData("1764000000.75", 1764000000)]
    [InlineData("\"1764000000\"", 1764000000)]
    [InlineData("1764000000000", 1764000000)]
    [InlineData("\"2025-11-24T16:00:00Z\"", 1764000000)]
    [InlineData("\"yesterday\"", null)]
    [InlineData("-1e300", null)]
    [InlineData("{}", null)]
    public async Task The_time_is_read_in_any_form(string created, int? expected)
    {
        string body = """{"id":7,"created":CREATED,"model":null,"choices":[{"message":{"role":"","content":"Paris."},"finish_reason":"stop"}]}"""
            .Replace("CREATED", created);
        foreach (ChatResponse response in await AnswersAsync(body))
        {
            Assert.Equal(expected, response.CreatedAt?.ToUnixTimeSeconds());
            Assert.Equal(("Paris.", ChatRole.Assistant, "7", "qwen3-instruct"), (response.Text, response.Messages[0].Role, response.ResponseId, response.ModelId));
        }
    }

    [Theory]
    [InlineData("""{"choices":{"message":{"content":"Paris."}}}""")]
    [InlineData("""{"choices":[{"delta":{"content":"Paris."}}]}""")]
    [InlineData("""{"choices":[{"text":"Paris."}]}""")]
    [InlineData("""{"choices":[{"message":"Paris."}]}""")]
    [InlineData("""{"choices":["Paris."]}""")]
    [InlineData("""{"message":{"role":"assistant","content":"Paris."}}""")]
    [InlineData("""[{"choices":[{"message":{"content":"Paris."}}]}]""")]
    [InlineData("""{"error":null,"choices":[{"message":{"content":"Paris."}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"Paris.","content":null}}]}""")]
    [InlineData("\ufeff{\"choices\":[{\"message\":{\"content\":\"Paris.\"}}]}")]
    [InlineData("\r\n\r\n{\r\n  \"choices\": [\r\n    {\"message\": {\"content\": \"Paris.\"}}\r\n\r\n  ]\r\n}\r\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Par\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"is.\"},\"finish_reason\":\"stop\"}]}\n\n")]
    public async Task An_answer_in_another_envelope_is_read(string body)
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body);
        Assert.Equal("Paris.", (await client.GetResponseAsync("Hello!")).Text);
    }

    [Theory]
    [InlineData("data: {0}\n\ndata: {1}\n\ndata: [DONE]\n\n")]
    [InlineData("data:{0}\r\n\r\ndata:{1}\r\n\r\ndata:[DONE]\r\n\r\n")]
    [InlineData("data: {0}\r\rdata: {1}\r\rdata: [DONE]\r\r")]
    [InlineData("\ufeff: ping\n\nevent: message\nid: 1\ndata: {0}\n\n: ping\n\ndata: ping\n\nretry: 5\ndata: {1}\ndata: [DONE]\n")]
    [InlineData("{0}\n{1}\n")]
    [InlineData("data: data: {0}\n\ndata: data: {1}\n\n")]
    [InlineData("data: {0}\n\ndata: {1}")]
    public async Task A_stream_is_read_however_its_events_are_written(string format)
    {
        string body = string.Format(CultureInfo.InvariantCulture, format.Replace("{0}", "\u0001").Replace("{1}", "\u0002"))
            .Replace("\u0001", Chunk("\"content\":\"Par\"")).Replace("\u0002", Chunk("\"content\":\"is.\"", "\"stop\""));
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body);
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task An_event_over_several_lines_is_one_event()
    {
        string body = "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"Paris.\"},\ndata: \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body);
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task A_message_is_read_where_a_delta_is_expected()
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(
            Chunk("\"content\":\"Par\"").Replace("\"delta\"", "\"message\""), Chunk("\"content\":\"is.\"", "\"stop\"")));
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task A_whole_answer_is_read_where_a_stream_is_expected()
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(Message("\"content\":\"Paris.\"", "\"stop\""));
        Assert.Equal("Paris.", (await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)).Text);
    }

    [Fact]
    public async Task The_raw_representation_is_the_JSON_of_the_server()
    {
        string body = Message(Calls(Call("\"id\":\"a\"", "Rome")), "\"eos_token\"");
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(body);
        ChatResponse whole = await client.GetResponseAsync("Hello!");
        Assert.Equal("eos_token", Assert.IsType<JsonElement>(whole.RawRepresentation).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal("a", Assert.IsType<JsonElement>(CallsOf(whole)[0].RawRepresentation).GetProperty("id").GetString());

        using Qwen3RemoteChatClient streaming = AnsweringHandler.CreateClient(AnsweringHandler.Events(Chunk("\"content\":\"Paris.\"", "\"eos_token\"")));
        ChatResponseUpdate first = (await streaming.GetStreamingResponseAsync("Hello!").ToListAsync(s_token))[0];
        Assert.Equal("eos_token", Assert.IsType<JsonElement>(first.RawRepresentation).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    private static FunctionCallContent[] CallsOf(ChatResponse response) => [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];

    private static string[] Describe(ChatResponse response) =>
        [.. CallsOf(response).Select(call => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)}")];

    private static string Message(string members, string finish, string more = "") =>
        """{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{MEMBERS},"finish_reason":FINISH}]MORE}"""
            .Replace("MEMBERS", members).Replace("FINISH", finish).Replace("MORE", more);

    private static string Chunk(string members, string finish = "null") =>
        Message(members, finish).Replace("\"message\"", "\"delta\"").Replace("chat.completion", "chat.completion.chunk");

    private static string Calls(params string[] calls) => $"\"tool_calls\":[{string.Join(',', calls)}]";

    private static string Call(string members, string city) =>
        $"{{{members},\"type\":\"function\",\"function\":{{\"name\":\"GetWeather\",\"arguments\":{JsonSerializer.Serialize($"{{\"city\":\"{city}\"}}")}}}}}";

    /// <summary>Returns the answer read as a whole, and as a stream of one chunk.</summary>
    private static async Task<ChatResponse[]> AnswersAsync(
        string body, string model = "qwen3-instruct", ChatOptions? options = null, ModelServer server = ModelServer.Vllm)
    {
        using Qwen3RemoteChatClient whole = AnsweringHandler.CreateClient(body, server, model);
        string chunk = body.Replace("\"message\":", "\"delta\":");
        using Qwen3RemoteChatClient streamed = AnsweringHandler.CreateClient(Encoding.UTF8.GetBytes(AnsweringHandler.Events(chunk)), server, model);
        return
        [
            await whole.GetResponseAsync("Hello!", options, s_token),
            await streamed.GetStreamingResponseAsync("Hello!", options, s_token).ToChatResponseAsync(s_token),
        ];
    }
}
