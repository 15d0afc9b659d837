using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Remote.Tests;

/// <summary>The ids of calls are unique in a conversation, whatever a server or a history says.</summary>
public sealed class CallIdTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"call_0\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("0")]
    public async Task Calls_that_share_an_id_get_ids_of_their_own(string id)
    {
        foreach (ChatResponse response in await AnswersAsync([new(ChatRole.User, "Hello!")], Call(id, "Rome"), Call(id, "Oslo"), Call(id, "Bern")))
        {
            FunctionCallContent[] calls = [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];
            Assert.Equal(["Rome", "Oslo", "Bern"], calls.Select(call => call.Arguments!["city"]!.ToString()));
            Assert.Equal(3, calls.Select(call => call.CallId).Where(call => call.Length > 0).Distinct().Count());
        }
    }

    [Fact]
    public async Task An_id_of_an_earlier_turn_is_not_used_again()
    {
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "Hello!"),
            new(ChatRole.Assistant, [new FunctionCallContent("call_0", "GetWeather", new Dictionary<string, object?> { ["city"] = "Rome" })]),
            new(ChatRole.Tool, [new FunctionResultContent("call_0", "sunny")]),
        ];
        foreach (ChatResponse response in await AnswersAsync(conversation, Call("\"call_0\"", "Oslo"), Call("\"call_1\"", "Bern")))
        {
            string[] ids = [.. response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
            Assert.NotEqual("call_0", ids[0]);
            Assert.Equal("call_1", ids[1]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_sends_each_result_with_the_id_of_its_call(bool isStreamed)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        for (int i = 0; i < 2; i++)
        {
            string delta = isStreamed ? "delta" : "message";
            string body = $$"""{"choices":[{"{{delta}}":{"tool_calls":[{{Call("\"call_0\"", $"Rome {i}")}},{{Call("\"call_0\"", $"Oslo {i}")}}]},"finish_reason":"tool_calls"}]}""";
            server.Mishaps.Enqueue(context => context.Response.Body.WriteAsync(
                System.Text.Encoding.UTF8.GetBytes(isStreamed ? AnsweringHandler.Events(body) : body)).AsTask());
        }

        AIFunction weather = AIFunctionFactory.Create((string city) => city.StartsWith("Oslo 1", StringComparison.Ordinal) ? "Hello!" : city, "GetWeather");
        using IChatClient client = server.CreateClient().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [weather] };
        ChatResponse response = isStreamed
            ? await client.GetStreamingResponseAsync("Hello!", options).ToChatResponseAsync(s_token)
            : await client.GetResponseAsync("Hello!", options);

        Assert.Equal("Hello! How can I help you today?", response.Text);
        JsonElement[] sent = [.. server.Requests[2].GetProperty("messages").EnumerateArray()];
        JsonElement[] calls = [.. sent.Where(message => message.TryGetProperty("tool_calls", out _)).SelectMany(message => message.GetProperty("tool_calls").EnumerateArray())];
        Dictionary<string, string> results = sent.Where(message => message.GetProperty("role").GetString() == "tool")
            .ToDictionary(message => message.GetProperty("tool_call_id").GetString()!, message => message.GetProperty("content").GetString()!);
        Assert.Equal(4, calls.Select(call => call.GetProperty("id").GetString()).Distinct().Count());
        foreach (JsonElement call in calls)
        {
            string city = JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).GetProperty("city").GetString()!;
            Assert.Equal(city == "Oslo 1" ? "Hello!" : city, results[call.GetProperty("id").GetString()!]);
        }
    }

    [Theory]
    [InlineData("vllm", "tool_call_id")]
    [InlineData("ollama", "tool_name")]
    public async Task A_history_with_repeated_ids_is_sent_with_unique_ones(string name, string idOfResult)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "Hi"),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "First"), new FunctionCallContent("a", "Second"), new FunctionCallContent("", "Third")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", 1), new FunctionResultContent("a", 2), new FunctionResultContent("", 3)]),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "Fourth")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", 4)]),
            new(ChatRole.User, "Hello!"),
        ];
        await client.GetResponseAsync(conversation);

        JsonElement[] sent = [.. server.Requests[0].GetProperty("messages").EnumerateArray()];
        (string Id, string Name)[] calls = [.. sent.Where(message => message.TryGetProperty("tool_calls", out _))
            .SelectMany(message => message.GetProperty("tool_calls").EnumerateArray())
            .Select(call => (call.GetProperty("id").GetString()!, call.GetProperty("function").GetProperty("name").GetString()!))];
        Assert.Equal(["First", "Second", "Third", "Fourth"], calls.Select(call => call.Name));
        Assert.Equal(4, calls.Select(call => call.Id).Where(id => id.Length > 0).Distinct().Count());
        Assert.Equal(
            calls.Select((call, i) => (idOfResult == "tool_name" ? call.Name : call.Id, $"{i + 1}")),
            sent.Where(message => message.GetProperty("role").GetString() == "tool")
                .Select(message => (message.GetProperty(idOfResult).GetString()!, message.GetProperty("content").GetString()!)));
    }

    private static string Call(string id, string city) =>
        $"{{\"id\":{id},\"type\":\"function\",\"function\":{{\"name\":\"GetWeather\",\"arguments\":\"{{\\\"city\\\":\\\"{city}\\\"}}\"}}}}";

    private static async Task<ChatResponse[]> AnswersAsync(ChatMessage[] conversation, params string[] calls)
    {
        string body = """{"choices":[{"message":{"tool_calls":[CALLS]},"finish_reason":"tool_calls"}]}""".Replace("CALLS", string.Join(',', calls));
        using Qwen3RemoteChatClient whole = AnsweringHandler.CreateClient(body);
        using Qwen3RemoteChatClient streamed = AnsweringHandler.CreateClient(
            AnsweringHandler.Events(calls.Select(call => body.Replace("message", "delta").Replace(string.Join(',', calls), call))));
        return [await whole.GetResponseAsync(conversation), await streamed.GetStreamingResponseAsync(conversation).ToChatResponseAsync(s_token)];
    }
}
