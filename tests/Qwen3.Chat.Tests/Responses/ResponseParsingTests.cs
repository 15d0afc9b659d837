using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Tests.Golden;

namespace Qwen3.Chat.Tests.Responses;

/// <summary><c>UseQwen3ResponseParsing</c> over clients of servers that do not parse, or only in part.</summary>
public sealed class ResponseParsingTests
{
    private const string WeatherCall = "<tool_call>\n{\"name\": \"Weather_GetWeather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>";

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    public static TheoryData<string> GoldenNames => [.. GoldenFile.Outputs.Select(line => line.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public async Task Leaked_tags_are_read_in_whole_and_streamed_answers(string name)
    {
        const int Seed = 12;
        var random = new Random(Seed);
        JsonElement line = GoldenFile.Outputs.Single(line => line.GetProperty("name").GetString() == name);
        Qwen3Variant variant = Enum.Parse<Qwen3Variant>(line.GetProperty("mode").GetString()!, ignoreCase: true);
        string text = line.GetProperty("text").GetString()!;
        JsonElement expected = line.GetProperty("expected");
        JsonElement[] expectedCalls = [.. expected.GetProperty("toolCalls").EnumerateArray()];
        var options = new ChatOptions { Tools = [.. expectedCalls.Select(call => Declare(call.GetProperty("name").GetString()!)), NanoTools.Weather] };

        ChatResponse whole = await WholeAsync(variant, options, Answer(text));
        Assert.Equal(
            expected.GetProperty("reasoning").GetString(),
            string.Concat(whole.Messages[0].Contents.OfType<TextReasoningContent>().Select(content => content.Text)));
        Assert.Equal(expected.GetProperty("content").GetString(), whole.Text);
        FunctionCallContent[] calls = [.. whole.Messages[0].Contents.OfType<FunctionCallContent>()];
        Assert.Equal(expectedCalls.Select(call => call.GetProperty("name").GetString()), calls.Select(call => call.Name));
        Assert.All(expectedCalls.Zip(calls), pair => Assert.True(
            JsonElement.DeepEquals(pair.First.GetProperty("arguments"), JsonSerializer.SerializeToElement(pair.Second.Arguments))));
        Assert.Equal(calls.Length > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop, whole.FinishReason);
        for (int round = 0; round < 20; round++)
        {
            ChatResponse gathered = await StreamAsync(variant, options, Pieces(text, () => random.Next(1, 12)));
            Assert.True(Describe(whole) == Describe(gathered), $"seed {Seed}, round {round}: {Describe(whole)} was streamed as {Describe(gathered)}");
        }
    }

    [Fact]
    public async Task Any_answer_streams_to_what_it_is_as_a_whole()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        string[] parts =
        [
            "<think>", "</think>", "<tool_call>", "</tool_call>", "\n", " ", "{", "}", "\"", "word", "<", "😀", "</tool",
            WeatherCall, WeatherCall, "{\"name\": \"g\"}",
        ];
        for (int round = 0; round < 2000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            Qwen3Variant variant = (Qwen3Variant)random.Next(3);
            var options = new ChatOptions { Tools = random.Next(4) == 0 ? null : NanoTools.All };
            ChatResponse whole = await WholeAsync(variant, options, Answer(text));
            ChatResponse gathered = await StreamAsync(variant, options, Pieces(text, () => random.Next(1, 9)));
            Assert.True(
                Describe(whole) == Describe(gathered),
                $"seed {Seed}, round {round}: {variant} {text} is {Describe(whole)} and was streamed as {Describe(gathered)}");
        }
    }

    [Theory]
    [InlineData(Qwen3Variant.Thinking)]
    [InlineData(Qwen3Variant.Hybrid)]
    public async Task Text_after_reasoning_that_the_server_took_out_is_the_answer(Qwen3Variant variant)
    {
        TextReasoningContent reasoning = new("The tool knows.");
        var options = new ChatOptions { Tools = NanoTools.All };
        // The first update of a stream is often empty, and a whole answer may have its text first.
        ChatResponse streamed = await StreamAsync(
            variant, options, [Piece(""), Piece("\n"), Piece(reasoning), Piece("Let me look.\n<tool"), Piece(WeatherCall[5..]), Last()]);
        Assert.Equal("(The tool knows.)Let me look.[Weather_GetWeather {\"city\":\"Paris\"}] tool_calls", Describe(streamed));
        Assert.Same(reasoning, streamed.Messages[0].Contents[0]);

        ChatResponse whole = await WholeAsync(variant, options, new(new ChatMessage(ChatRole.Assistant, [new TextContent("Hello!"), reasoning])));
        Assert.Equal("Hello!(The tool knows.) ", Describe(whole));
    }

    [Fact]
    public async Task Calls_that_the_server_took_out_stay_and_count_once()
    {
        var options = new ChatOptions { Tools = NanoTools.All };
        FunctionCallContent paris = new("id1", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = JsonElement.Parse("\"Paris\"") });
        FunctionCallContent rome = new("id2", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Rome" });

        // Reasoning left in the text, calls taken out of it.
        ChatResponse response = await WholeAsync(
            Qwen3Variant.Thinking, options, Answer([new TextContent("Hm.\n</think>\n\n"), paris, rome], ChatFinishReason.ToolCalls));
        Assert.Equal("(Hm.)[Weather_GetWeather {\"city\":\"Paris\"}][Weather_GetWeather {\"city\":\"Rome\"}] tool_calls", Describe(response));
        Assert.Same(rome, response.Messages[0].Contents[2]);

        // In the text and out of it, in either order.
        const string Once = "[Weather_GetWeather {\"city\":\"Paris\"}][Weather_GetWeather {\"city\":\"Rome\"}] tool_calls";
        Assert.Equal(Once, Describe(await WholeAsync(Qwen3Variant.Instruct, options, Answer([paris, rome, new TextContent(WeatherCall)]))));
        Assert.Equal(Once, Describe(await StreamAsync(Qwen3Variant.Instruct, options, [Piece(WeatherCall), Piece(paris, rome), Last()])));

        // The same call twice is two calls.
        ChatResponse twice = await WholeAsync(Qwen3Variant.Instruct, options, Answer(WeatherCall + WeatherCall));
        Assert.Equal(2, twice.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Distinct().Count());
    }

    [Fact]
    public async Task Where_nothing_is_offered_nothing_is_a_call()
    {
        foreach (ChatOptions? options in (ChatOptions?[])[null, new(), new() { Tools = [] }, new() { Tools = NanoTools.All, ToolMode = ChatToolMode.None }])
        {
            string text = $"<think>Hm.</think>Write {WeatherCall} to call.";
            ChatResponse whole = await WholeAsync(Qwen3Variant.Hybrid, options, Answer(text));
            Assert.Equal($"(Hm.)Write {WeatherCall} to call. stop", Describe(whole));
            Assert.Equal(Describe(whole), Describe(await StreamAsync(Qwen3Variant.Hybrid, options, Pieces(text, () => 3))));
        }
    }

    [Fact]
    public async Task A_call_that_cannot_be_read_stays_in_the_text_and_is_marked()
    {
        ChatResponse response = await WholeAsync(Qwen3Variant.Instruct, new() { Tools = NanoTools.All }, Answer("<tool_call>\n{no\n</tool_call>"));
        Assert.Equal("<tool_call>\n{no\n</tool_call>", response.Text);
        Assert.Equal("malformed_tool_call", response.Messages[0].Contents.OfType<ErrorContent>().Single().ErrorCode);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task An_answer_that_was_cut_off_keeps_its_reason_and_all_its_text()
    {
        ChatResponse response = await StreamAsync(
            Qwen3Variant.Thinking, new() { Tools = NanoTools.All }, [Piece("I call <tool_call>{\"name\""), new() { FinishReason = ChatFinishReason.Length }]);
        Assert.Equal("(I call <tool_call>{\"name\") length", Describe(response));

        response = await StreamAsync(Qwen3Variant.Instruct, null, [Piece("a </thi")]);
        Assert.Equal("a </thi ", Describe(response));
    }

    [Fact]
    public async Task Choices_are_read_each_by_itself()
    {
        var options = new ChatOptions { Tools = NanoTools.All };
        var response = new ChatResponse(
        [
            new(ChatRole.Assistant, "One.</think>1") { MessageId = "a" },
            new(ChatRole.Assistant, "Two.</think>" + WeatherCall) { MessageId = "b" },
            new(ChatRole.Assistant, "Three.") { MessageId = "c" },
        ])
        { FinishReason = ChatFinishReason.Stop };
        ChatResponse read = await WholeAsync(Qwen3Variant.Thinking, options, response);
        Assert.Equal(["(One.)1", "(Two.)[Weather_GetWeather {\"city\":\"Paris\"}]", "(Three.)"], read.Messages.Select(Describe));
        Assert.Equal(["a", "b", "c"], read.Messages.Select(message => message.MessageId));
        Assert.Equal(ChatFinishReason.ToolCalls, read.FinishReason);

        // As a server sends them: by turns.
        ChatResponseUpdate[] updates =
        [
            .. Pieces("One.</think>1", () => 2, "a").Zip(Pieces("Two.</think>2", () => 2, "b"))
                .SelectMany(pair => (ChatResponseUpdate[])[pair.First, pair.Second]),
        ];
        List<ChatResponseUpdate> streamed = await ClientOf(new() { Updates = updates }, Qwen3Variant.Thinking)
            .GetStreamingResponseAsync("Hi", options).ToListAsync(s_token);
        Assert.Equal("(One.)1", Describe(streamed.Where(update => update.MessageId == "a").ToChatResponse().Messages[0]));
        Assert.Equal("(Two.)2", Describe(streamed.Where(update => update.MessageId == "b").ToChatResponse().Messages[0]));
    }

    [Fact]
    public async Task Pieces_without_an_id_belong_to_the_message_before()
    {
        ChatResponseUpdate[] updates = [Piece("One.</th"), Piece("ink>1"), Piece(" and"), Last()];
        updates[1].MessageId = "a";
        ChatResponse response = await StreamAsync(Qwen3Variant.Thinking, null, updates);
        Assert.Equal("(One.)1 and stop", Describe(response));
        Assert.Equal("a", Assert.Single(response.Messages).MessageId);
    }

    [Fact]
    public async Task The_messages_of_a_loop_inside_are_read_each_by_itself_and_results_are_not()
    {
        var options = new ChatOptions { Tools = NanoTools.All };
        ChatMessage[] Messages() =>
        [
            new(ChatRole.Assistant, "First.\n" + WeatherCall) { MessageId = "a" },
            new(ChatRole.Tool, [new FunctionResultContent("id", "<think>"), new TextContent("<think>x</think>")]) { MessageId = "b" },
            new(ChatRole.Assistant, "Then.</think>Done.") { MessageId = "c" },
        ];
        const string Expected = "(First.)[Weather_GetWeather {\"city\":\"Paris\"}]|FunctionResultContent<think>x</think>|(Then.)Done. stop";
        Assert.Equal(Expected, Describe(await WholeAsync(Qwen3Variant.Thinking, options, new(Messages()) { FinishReason = ChatFinishReason.Stop })));

        ChatResponseUpdate[] updates =
            [.. Messages().Select(message => new ChatResponseUpdate(message.Role, message.Contents) { MessageId = message.MessageId }), Last()];
        Assert.Equal(Expected, Describe(await StreamAsync(Qwen3Variant.Thinking, options, updates)));
        Array.ForEach(updates, update => update.MessageId = null);
        Assert.Equal(Expected, Describe(await StreamAsync(Qwen3Variant.Thinking, options, updates)));
    }

    [Fact]
    public async Task Everything_else_comes_through()
    {
        var image = new DataContent(new byte[] { 1 }, "image/png");
        var cited = new TextContent("Hello!") { Annotations = [new CitationAnnotation { Title = "Source" }], AdditionalProperties = new() { ["key"] = 1 } };
        var usage = new UsageContent(new() { InputTokenCount = 5 });
        var update = new ChatResponseUpdate(ChatRole.Assistant, [cited, image, usage])
        {
            MessageId = "m",
            ResponseId = "r",
            ConversationId = "c",
            AuthorName = "Anna",
            ModelId = "qwen3",
            CreatedAt = DateTimeOffset.UnixEpoch,
            FinishReason = ChatFinishReason.ContentFilter,
            RawRepresentation = "raw",
            AdditionalProperties = new() { ["index"] = 0 },
        };
        ChatResponseUpdate read = Assert.Single(await ClientOf(new() { Updates = [update] }).GetStreamingResponseAsync("Hi").ToListAsync(s_token));
        Assert.Equal(("m", "r", "c", "Anna", "qwen3"), (read.MessageId, read.ResponseId, read.ConversationId, read.AuthorName, read.ModelId));
        Assert.Equal(
            (DateTimeOffset.UnixEpoch, ChatFinishReason.ContentFilter, "raw", 0),
            (read.CreatedAt, read.FinishReason, read.RawRepresentation, read.AdditionalProperties!["index"]));
        Assert.Equal("Source", Assert.IsType<CitationAnnotation>(Assert.Single(read.Contents[0].Annotations!)).Title);
        Assert.Equal(1, read.Contents[0].AdditionalProperties!["key"]);
        Assert.Equal([image, usage], read.Contents.Skip(1));

        ChatResponse whole = Answer([cited, image, usage]);
        (whole.Usage, whole.RawRepresentation, whole.Messages[0].AuthorName) = (usage.Details, "raw", "Anna");
        ChatResponse response = await WholeAsync(Qwen3Variant.Hybrid, null, whole);
        Assert.Equal((usage.Details, "raw", "Anna"), (response.Usage, response.RawRepresentation, response.Messages[0].AuthorName));
        Assert.Equal([typeof(TextContent), typeof(DataContent), typeof(UsageContent)], response.Messages[0].Contents.Select(content => content.GetType()));
        Assert.NotEmpty(response.Messages[0].Contents[0].Annotations!);
    }

    [Fact]
    public async Task Calls_are_carried_out_by_what_stands_around()
    {
        ScriptedChatClient server = ScriptedChatClient.Answering(
            Answer("<think>\nI look.\n</think>\n\n" + WeatherCall), Answer("<think>\nI know.\n</think>\n\nIt is sunny."));
        IChatClient client = server.AsBuilder().UseFunctionInvocation().UseQwen3ResponseParsing().Build();

        ChatResponse response = await client.GetResponseAsync("What is the weather in Paris?", new() { Tools = NanoTools.All });

        Assert.Equal("It is sunny.", response.Text);
        Assert.Equal("sunny, 21 degrees", response.Messages[1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString());
        Assert.Equal("(I look.)[Weather_GetWeather {\"city\":\"Paris\"}]", Describe(server.Requests[1][1]));
    }

    [Fact]
    public async Task Text_and_calls_come_as_soon_as_they_are_certain()
    {
        var options = new ChatOptions { Tools = NanoTools.All };
        ChatResponseUpdate[] updates = [Piece("Let"), Piece(" me look.\n<to"), Piece(WeatherCall[3..^13]), Piece("\n</tool_call>"), Last()];
        List<ChatResponseUpdate> read = await ClientOf(new() { Updates = updates }).GetStreamingResponseAsync("Hi", options).ToListAsync(s_token);
        Assert.Equal(
            ["Let", " me look.", "[Weather_GetWeather {\"city\":\"Paris\"}]", "", ""],
            read.Select(update => Describe(new ChatMessage(ChatRole.Assistant, update.Contents))));
    }

    [Fact]
    public async Task Cancelling_leaving_and_disposing_reach_the_server()
    {
        using var cancellation = new CancellationTokenSource();
        var server = new ScriptedChatClient { Updates = [Piece("a"), Piece("b"), Piece("c")] };
        IChatClient client = ClientOf(server);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hi", cancellationToken: cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("Hi", cancellationToken: cancellation.Token));

        server = new ScriptedChatClient { Updates = [Piece("a"), Piece("b")] };
        client = ClientOf(server);
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hi"))
        {
            break;
        }

        Assert.True(server.IsStreamLeft);
        Assert.Same(server, client.GetService<ScriptedChatClient>());
        Assert.False(server.IsDisposed);
        client.Dispose();
        Assert.True(server.IsDisposed);
    }

    [Fact]
    public void An_unknown_variant_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScriptedChatClient().AsBuilder().UseQwen3ResponseParsing((Qwen3Variant)9));

    private static IChatClient ClientOf(ScriptedChatClient server, Qwen3Variant variant = Qwen3Variant.Hybrid) =>
        server.AsBuilder().UseQwen3ResponseParsing(variant).Build();

    private static Task<ChatResponse> WholeAsync(Qwen3Variant variant, ChatOptions? options, ChatResponse response) =>
        ClientOf(ScriptedChatClient.Answering(response), variant).GetResponseAsync("Hi", options);

    private static Task<ChatResponse> StreamAsync(Qwen3Variant variant, ChatOptions? options, IReadOnlyList<ChatResponseUpdate> updates) =>
        ClientOf(new() { Updates = updates }, variant).GetStreamingResponseAsync("Hi", options).ToChatResponseAsync(s_token);

    private static ChatResponse Answer(string text) => Answer([new TextContent(text)]);

    private static ChatResponse Answer(IList<AIContent> contents, ChatFinishReason? reason = null) =>
        new(new ChatMessage(ChatRole.Assistant, contents)) { FinishReason = reason ?? ChatFinishReason.Stop };

    private static ChatResponseUpdate Piece(string text) => new(ChatRole.Assistant, text);

    private static ChatResponseUpdate Piece(params AIContent[] contents) => new(ChatRole.Assistant, contents);

    private static ChatResponseUpdate Last() => new() { FinishReason = ChatFinishReason.Stop };

    private static List<ChatResponseUpdate> Pieces(string text, Func<int> length, string? messageId = null)
    {
        List<ChatResponseUpdate> updates = [];
        for (int start = 0; start < text.Length;)
        {
            int end = Math.Min(text.Length, start + length());
            updates.Add(new(ChatRole.Assistant, text[start..end]) { MessageId = messageId });
            start = end;
        }

        return [.. updates, new(ChatRole.Assistant, []) { MessageId = messageId, FinishReason = ChatFinishReason.Stop }];
    }

    private static AIFunctionDeclaration Declare(string name) => AIFunctionFactory.CreateDeclaration(name, "A function.", JsonElement.Parse("{}"));

    private static string Describe(ChatResponse response) => $"{string.Join('|', response.Messages.Select(Describe))} {response.FinishReason}";

    private static string Describe(ChatMessage message) => string.Concat(message.Contents.Select(content => content switch
    {
        TextReasoningContent reasoning => $"({reasoning.Text})",
        TextContent text => text.Text,
        FunctionCallContent call => $"[{call.Name} {JsonSerializer.Serialize(call.Arguments)}]",
        ErrorContent error => $"!{error.ErrorCode}",
        _ => content.GetType().Name,
    }));
}
