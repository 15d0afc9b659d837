using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests.Responses;

/// <summary>Tool calls whose ids a server repeats, leaves out or swaps.</summary>
public sealed class CallIdTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Ids => new() { { "call_0", "call_0" }, { "", "" }, { "", "call_0" }, { "a", "b" } };

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Each_call_has_its_own_result_through_FunctionInvokingChatClient(string first, string second)
    {
        foreach (bool streams in (bool[])[false, true])
        {
            ScriptedChatClient server = Server(first, second);
            IChatClient client = server.AsBuilder().UseFunctionInvocation(configure: invoking => invoking.AllowConcurrentInvocation = true)
                .UseQwen3ResponseParsing().Build();
            ChatOptions options = new() { Tools = [Echo] };
            List<ChatMessage> history = [new(ChatRole.User, "Go")];
            ChatResponse response = streams
                ? await client.GetStreamingResponseAsync(history, options, s_token).ToChatResponseAsync(s_token)
                : await client.GetResponseAsync(history, options, s_token);
            history.AddRange(response.Messages);
            Assert.Equal("Done.", response.Text);
            AssertResults(history);
            AssertResults(server.Requests[^1]);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Each_call_has_its_own_result_in_an_agents_session(string first, string second)
    {
        ScriptedChatClient server = Server(first, second);
        AIAgent agent = server.AsBuilder().UseQwen3ResponseParsing().Build().AsAIAgent(tools: [Echo]);
        AgentSession session = await agent.CreateSessionAsync(s_token);
        await agent.RunAsync("Go", session, cancellationToken: s_token);
        Enqueue(server, second, first);
        await agent.RunAsync("Again", session, cancellationToken: s_token);

        ChatMessage[] conversation = server.Requests[^1];
        Assert.Equal(8, conversation.SelectMany(message => message.Contents).Count(content => content is FunctionCallContent));
        AssertResults(conversation);
    }

    [Fact]
    public async Task Unique_ids_are_kept_and_those_of_the_history_are_not_taken_again()
    {
        ScriptedChatClient server = ScriptedChatClient.Answering(Answer(Call("old", 1), Call("new", 2)));
        IChatClient client = server.AsBuilder().UseQwen3ResponseParsing().Build();
        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.User, "Go"), new(ChatRole.Assistant, [Call("old", 0)]), new(ChatRole.Tool, [new FunctionResultContent("old", "0")])],
            new() { Tools = [Echo] },
            s_token);
        string[] ids = [.. response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
        Assert.NotEqual("old", ids[0]);
        Assert.Equal("new", ids[1]);
    }

    [Fact]
    public async Task Results_that_the_inner_client_has_already_follow_their_calls()
    {
        IChatClient client = Server("0", "0").AsBuilder().UseQwen3ResponseParsing().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("Go", new() { Tools = [Echo] }, s_token);
        AssertResults(response.Messages);
    }

    private static AIFunction Echo { get; } = AIFunctionFactory.Create((int number) => $"result {number}", "Echo");

    private static ScriptedChatClient Server(string first, string second)
    {
        var server = new ScriptedChatClient();
        Enqueue(server, first, second);
        return server;
    }

    /// <summary>Two rounds of two calls with the same ids, and an answer.</summary>
    private static void Enqueue(ScriptedChatClient server, string first, string second)
    {
        int number = server.Requests.Count * 10;
        server.Responses.Enqueue(Answer(Call(first, number + 1), Call(second, number + 2)));
        server.Responses.Enqueue(Answer(Call(second, number + 3), Call(first, number + 4)));
        server.Responses.Enqueue(Answer(new TextContent("Done.")));
    }

    private static ChatResponse Answer(params AIContent[] contents) => new(new ChatMessage(ChatRole.Assistant, contents));

    private static FunctionCallContent Call(string id, int number) => new(id, "Echo", new Dictionary<string, object?> { ["number"] = number });

    private static void AssertResults(IEnumerable<ChatMessage> messages)
    {
        AIContent[] contents = [.. messages.SelectMany(message => message.Contents)];
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        Assert.NotEmpty(calls);
        Assert.DoesNotContain(calls, call => string.IsNullOrEmpty(call.CallId));
        Assert.Equal(calls.Length, calls.Select(call => call.CallId).Distinct().Count());
        foreach (FunctionCallContent call in calls)
        {
            FunctionResultContent result = Assert.Single(contents.OfType<FunctionResultContent>(), result => result.CallId == call.CallId);
            Assert.Equal($"result {call.Arguments!["number"]}", result.Result?.ToString());
        }
    }
}
