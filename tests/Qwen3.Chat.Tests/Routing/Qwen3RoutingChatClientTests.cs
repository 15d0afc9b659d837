using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Routing;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Routing;

/// <summary>Which of the two nano models answers, and with what.</summary>
public sealed class Qwen3RoutingChatClientTests(ChatClientFixture clients) : IClassFixture<ChatClientFixture>
{
    private const string ThinkingModel = "Qwen3-Nano-Thinking-2507", InstructModel = "Qwen3-Nano-Instruct-2507";

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Hello!", InstructModel)]
    [InlineData("Hello! /think", ThinkingModel)]
    [InlineData("Hello! /no_think", InstructModel)]
    public async Task A_switch_chooses_the_model_and_does_not_reach_it(string question, string expectedModel)
    {
        using var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        ChatResponse whole = await router.GetResponseAsync(question, NanoTools.Greedy());
        ChatResponse gathered = await router.GetStreamingResponseAsync(question, NanoTools.Greedy()).ToChatResponseAsync(s_token);

        IChatClient model = expectedModel == ThinkingModel ? clients.Thinking : clients.Instruct;
        ChatResponse bare = await model.GetResponseAsync("Hello!", NanoTools.Greedy());
        foreach (ChatResponse response in (ChatResponse[])[whole, gathered])
        {
            Assert.Equal(expectedModel, response.ModelId);
            Assert.Equal("Hello! How can I help you today?", response.Text);
            Assert.Equal(bare.Usage!.InputTokenCount, response.Usage!.InputTokenCount);
            Assert.Equal(expectedModel == ThinkingModel, response.Messages[0].Contents.Any(content => content is TextReasoningContent));
        }
    }

    [Theory]
    [InlineData(ReasoningEffort.None, InstructModel)]
    [InlineData(ReasoningEffort.Low, ThinkingModel)]
    [InlineData(ReasoningEffort.ExtraHigh, ThinkingModel)]
    [InlineData(null, InstructModel)]
    public async Task Without_a_switch_the_effort_chooses(ReasoningEffort? effort, string expectedModel)
    {
        using var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        ChatOptions options = NanoTools.Greedy();
        options.Reasoning = new() { Effort = effort };
        Assert.Equal(expectedModel, (await router.GetResponseAsync("Hello!", options)).ModelId);
    }

    [Theory]
    [InlineData(0, InstructModel)]
    [InlineData(50, ThinkingModel)]
    public async Task A_budget_in_tokens_wins_over_the_effort(int budget, string expectedModel)
    {
        using var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        ChatOptions options = NanoTools.Greedy();
        options.Reasoning = new() { Effort = budget == 0 ? ReasoningEffort.High : ReasoningEffort.None };
        options.AdditionalProperties = new() { ["thinking_budget"] = budget };
        Assert.Equal(expectedModel, (await router.GetResponseAsync("Hello!", options)).ModelId);
    }

    [Fact]
    public async Task Who_switches_thinking_on_gets_it_whatever_the_options_say()
    {
        using var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        ChatOptions options = NanoTools.Greedy();
        options.Reasoning = new() { Effort = ReasoningEffort.None, Output = ReasoningOutput.Full };
        options.AdditionalProperties = new() { ["thinking_budget"] = 0 };
        options.Instructions = "Be brief. /no_think";
        ChatResponse response = await router.GetResponseAsync("Hello! /think", options);

        Assert.Equal("A simple message, so I answer directly.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.Equal(
            (ReasoningEffort.None, 0, "Be brief. /no_think"),
            (options.Reasoning.Effort, options.AdditionalProperties["thinking_budget"], options.Instructions));
    }

    [Theory]
    [InlineData("Open https://example.com/think", null, "Open https://example.com/think")]
    [InlineData("cat ./docs/no_think", null, "cat ./docs/no_think")]
    [InlineData("What does /think do?", null, "What does /think do?")]
    [InlineData("Say /thinking", null, "Say /thinking")]
    [InlineData("List /think/", null, "List /think/")]
    [InlineData("/no_think is a word of mine", null, "/no_think is a word of mine")]
    [InlineData("Hi /think", true, "Hi")]
    [InlineData("Hi\n/no_think \n", false, "Hi")]
    [InlineData("Hi /think /no_think", false, "Hi")]
    [InlineData("I know /no_think. Hi /think", true, "I know /no_think. Hi")]
    [InlineData("/think", true, "")]
    [InlineData("Summarize:\n> bla\n> /think", null, "Summarize:\n> bla\n> /think")]
    [InlineData("Summarize:\n  > bla /think\n", null, "Summarize:\n  > bla /think\n")]
    [InlineData("> bla /no_think\nMy view: no. /think", true, "> bla /no_think\nMy view: no.")]
    [InlineData("Run:\n```sh\nls\n /think", null, "Run:\n```sh\nls\n /think")]
    [InlineData("Run:\n~~~~\nls\n~~~\n /think", null, "Run:\n~~~~\nls\n~~~\n /think")]
    [InlineData("Run:\n```\nls\n```\n/think", true, "Run:\n```\nls\n```")]
    [InlineData("Explain:\n\n    ls\n    cat /think", null, "Explain:\n\n    ls\n    cat /think")]
    [InlineData("Explain:\n\n\tls /think", null, "Explain:\n\n\tls /think")]
    [InlineData("Summarize:\n\"\"\"\nbla\n /think", null, "Summarize:\n\"\"\"\nbla\n /think")]
    [InlineData("Summarize:\n\"\"\"\nbla \"x\"\n\"\"\" /think", true, "Summarize:\n\"\"\"\nbla \"x\"\n\"\"\"")]
    [InlineData("He wrote: \"bla\n /think", null, "He wrote: \"bla\n /think")]
    [InlineData("He wrote: “bla\n /think", null, "He wrote: “bla\n /think")]
    [InlineData("Er schrieb: „bla /think", null, "Er schrieb: „bla /think")]
    [InlineData("He wrote: \"bla\". /think", true, "He wrote: \"bla\".")]
    [InlineData("A 27\" screen or a 6'2\" man? /think", true, "A 27\" screen or a 6'2\" man?")]
    [InlineData("'Tis the dogs' season, isn’t it? /think", true, "'Tis the dogs' season, isn’t it?")]
    [InlineData("What is `a` in ``b`c``? A stray ` too. /think", true, "What is `a` in ``b`c``? A stray ` too.")]
    public async Task Only_a_word_at_the_end_is_a_switch(string text, bool? expected, string expectedText)
    {
        foreach (bool byDefault in (bool[])[true, false])
        {
            (ScriptedChatClient thinking, ScriptedChatClient instruct) = (new(), new());
            using var router = new Qwen3RoutingChatClient(thinking, instruct, new() { ThinksByDefault = byDefault });
            await router.GetResponseAsync(text);

            ScriptedChatClient chosen = expected ?? byDefault ? thinking : instruct;
            Assert.Equal(expectedText, Assert.Single(Assert.Single(chosen.Requests)).Text);
        }
    }

    [Fact]
    public async Task A_quotation_that_an_earlier_part_of_the_message_opens_holds_no_switch()
    {
        (ScriptedChatClient thinking, ScriptedChatClient instruct) = (new(), new());
        using var router = new Qwen3RoutingChatClient(thinking, instruct);
        await router.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("Summarize:\n```"), new TextContent("bla\n/think")])]);
        Assert.Empty(thinking.Requests);
        await router.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("Summarize: `bla`"), new TextContent("/think")])]);
        Assert.Equal("Summarize: `bla`", Assert.Single(Assert.Single(thinking.Requests)).Text);
    }

    [Fact]
    public void Text_full_of_quotes_and_switches_is_read_in_linear_time()
    {
        foreach (string piece in (string[])["/think ", "\" /think", "`", "<a>/think ", "> /think\n", "```\n/think\n", "'a /think", "``` `` ` "])
        {
            string text = string.Concat(Enumerable.Repeat(piece, 200_000)) + "</a>";
            SoftSwitch.AtEnd("", text, out _);
            SoftSwitch.Last(text);
        }
    }

    [Fact]
    public async Task The_last_switch_in_a_conversation_holds_and_all_are_taken_out()
    {
        ChatMessage[] Conversation(string system, string first, string answer, string second) =>
        [
            new(ChatRole.System, system),
            new(ChatRole.User, first),
            new(ChatRole.Assistant, answer),
            new(new ChatRole("developer"), "Now"),
            new(ChatRole.User, second),
        ];

        foreach ((ChatMessage[] messages, bool thinks) in ((ChatMessage[], bool)[])[
            (Conversation("Be kind. /think", "Hi", "Hello", "Go on"), true),
            (Conversation("Be kind. /think", "Hi /no_think", "Hello", "Go on"), false),
            (Conversation("Be kind. /no_think", "Hi /no_think", "Hello", "Go on /think"), true),
            (Conversation("Be kind.", "Hi /think", "Hello /no_think", "Go on"), true)])
        {
            (ScriptedChatClient thinking, ScriptedChatClient instruct) = (new(), new());
            using var router = new Qwen3RoutingChatClient(thinking, instruct);
            await router.GetResponseAsync(messages);
            ChatMessage[] sent = Assert.Single((thinks ? thinking : instruct).Requests);
            Assert.Equal(["Be kind.", "Hi", messages[2].Text, "Now", "Go on"], sent.Select(message => message.Text));
            Assert.Equal(messages.Select(message => message.Role), sent.Select(message => message.Role));
        }
    }

    [Fact]
    public async Task The_callers_messages_stay_as_they_are()
    {
        var image = new DataContent(new byte[] { 1 }, "image/png");
        var last = new TextContent("What is it? /think") { AdditionalProperties = new() { ["key"] = 1 } };
        var parts = new ChatMessage(ChatRole.User, [new TextContent("/think about"), image, last])
        {
            MessageId = "m",
            AuthorName = "Anna",
            RawRepresentation = "raw",
        };
        var own = new ChatMessage(ChatRole.User, [new TextContent("Look."), image, new TextContent("/think")]);
        var plain = new ChatMessage(ChatRole.User, "And this?");
        (ScriptedChatClient thinking, ScriptedChatClient instruct) = (new(), new());
        using var router = new Qwen3RoutingChatClient(thinking, instruct);

        await router.GetResponseAsync([parts, own, plain]);

        ChatMessage[] sent = Assert.Single(thinking.Requests);
        Assert.Equal(["/think about", "What is it?"], sent[0].Contents.OfType<TextContent>().Select(content => content.Text));
        Assert.Same(image, sent[0].Contents[1]);
        Assert.Equal(("m", "Anna", null), (sent[0].MessageId, sent[0].AuthorName, sent[0].RawRepresentation));
        Assert.Equal(1, sent[0].Contents[2].AdditionalProperties!["key"]);
        Assert.Equal("Look.", sent[1].Text);
        Assert.Equal(2, sent[1].Contents.Count);
        Assert.Same(plain, sent[2]);
        Assert.Equal("What is it? /think", last.Text);
        Assert.Same(last, parts.Contents[2]);
        Assert.Equal("raw", parts.RawRepresentation);
        Assert.Equal("Look./think", own.Text);
    }

    [Theory]
    [InlineData(false, "/think", ThinkingModel)]
    [InlineData(false, "/no_think", InstructModel)]
    [InlineData(true, "/think", ThinkingModel)]
    public async Task A_loop_of_calls_stays_with_one_model(bool isLoopInside, string softSwitch, string expectedModel)
    {
        List<string?> models = [];
        IChatClient Watch(IChatClient model) => model.AsBuilder()
            .Use(
                async (messages, options, inner, cancellationToken) =>
                {
                    ChatResponse response = await inner.GetResponseAsync(messages, options, cancellationToken);
                    models.Add(response.ModelId);
                    return response;
                },
                getStreamingResponseFunc: null)
            .Build();
        IChatClient Loop(IChatClient model) => model.AsBuilder().UseFunctionInvocation().Build();
        IChatClient client = isLoopInside
            ? new Qwen3RoutingChatClient(Loop(Watch(clients.Thinking)), Loop(Watch(clients.Instruct)))
            : Loop(new Qwen3RoutingChatClient(Watch(clients.Thinking), Watch(clients.Instruct)));

        ChatResponse response = await client.GetResponseAsync(
            $"What is the weather in Rome? Send it to Anna. {softSwitch}", NanoTools.Greedy(NanoTools.Weather, NanoTools.Send));

        Assert.Equal("It is sunny in Rome with 21 degrees. I sent it to Anna.", response.Text);
        Assert.Equal(Enumerable.Repeat(expectedModel, 3), models);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Results_go_to_the_model_that_asked_for_them_and_the_next_question_anywhere(bool isStored)
    {
        using var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.Reasoning = new() { Effort = ReasoningEffort.High };
        var question = new ChatMessage(ChatRole.User, "What is the weather in Paris?");
        ChatMessage calls = (await router.GetStreamingResponseAsync([question], options).ToChatResponseAsync(s_token)).Messages[0];
        if (isStored)
        {
            calls = JsonSerializer.Deserialize<ChatMessage>(
                JsonSerializer.Serialize(calls, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
        }

        var call = calls.Contents.OfType<FunctionCallContent>().Single();
        var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "sunny, 21 degrees")]);
        options.Reasoning = null;
        ChatResponse answer = await router.GetResponseAsync([question, calls, result], options);
        Assert.Equal((ThinkingModel, "It is sunny in Paris with 21 degrees."), (answer.ModelId, answer.Text));

        ChatResponse next = await router.GetResponseAsync([question, calls, result, .. answer.Messages, new(ChatRole.User, "Thank you!")], options);
        Assert.Equal(InstructModel, next.ModelId);
    }

    [Fact]
    public async Task A_model_without_a_name_is_called_by_its_clients_default()
    {
        using var router = new Qwen3RoutingChatClient(new ScriptedChatClient("big"), new ScriptedChatClient("small"));
        Assert.Equal("big", (await router.GetResponseAsync("Hi /think")).ModelId);
        Assert.Equal("small", (await router.GetStreamingResponseAsync("Hi").ToChatResponseAsync(s_token)).ModelId);
    }

    [Fact]
    public void What_is_behind_it_can_be_asked_for()
    {
        var router = new Qwen3RoutingChatClient(clients.Thinking, clients.Instruct);
        Assert.Same(router, router.GetService<IChatClient>());
        Assert.Same(router, router.GetService<Qwen3RoutingChatClient>());
        Assert.Same(clients.Instruct, router.GetService<Qwen3ChatClient>());
        Assert.Equal(InstructModel, router.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Null(router.GetService<string>());
        var thinker = new Qwen3RoutingChatClient(clients.Thinking, new ScriptedChatClient(), new() { ThinksByDefault = true });
        Assert.Equal(ThinkingModel, thinker.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.NotNull(thinker.GetService<Tokenizer>());
        Assert.NotNull(thinker.GetService<ScriptedChatClient>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_two_are_disposed_only_if_it_owns_them(bool owns)
    {
        (ScriptedChatClient thinking, ScriptedChatClient instruct) = (new(), new());
        new Qwen3RoutingChatClient(thinking, instruct, new() { OwnsClients = owns }).Dispose();
        Assert.Equal((owns, owns), (thinking.IsDisposed, instruct.IsDisposed));
    }
}
