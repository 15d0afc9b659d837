using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class ConstrainedChatTests(ChatClientFixture clients) : IClassFixture<ChatClientFixture>
{
    // At this temperature the nano models write nonsense wherever they may.
    private const float Wild = 3;

    private static readonly AIFunction s_book = AIFunctionFactory.Create(
        (Guid id, Priority priority, DateOnly day, int[] seats, string? note = null) => "done", "Travel_Book", "Books a seat.");

    private static readonly AIFunction s_now = AIFunctionFactory.Create(() => "12:00", "Clock_Now", "Gets the time.");

    public enum Priority
    {
        Low,
        High,
    }

    private static ChatOptions Matching(string pattern, long seed)
    {
        string schema = $$"""{"type":"string","pattern":{{JsonSerializer.Serialize(pattern)}}}""";
        return new() { Temperature = Wild, Seed = seed, MaxOutputTokens = 60, ResponseFormat = ChatResponseFormat.ForJsonSchema(GrammarAssert.Parse(schema)) };
    }

    private readonly Dictionary<int, float> _endings = ((string[])["\"", "\",", "\"}", "]", "}", "}\n"])
        .ToDictionary(text => clients.Instruct.GetService<LlamaCpp.Tokenizer>()!.Encode(text)[0], _ => 20f);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_required_call_is_always_one_that_can_be_made(bool thinks)
    {
        for (long seed = 0; seed < 8; seed++)
        {
            ChatResponse response = await Client(thinks).GetResponseAsync("Hello!", WildOptions(seed, ChatToolMode.RequireAny, s_book, s_now));
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
            List<AIContent> answer = [.. response.Messages[0].Contents.Where(content => content is not TextReasoningContent)];
            Assert.NotEmpty(answer);
            foreach (AIContent content in answer)
            {
                var call = Assert.IsType<FunctionCallContent>(content);
                AIFunction function = call.Name == s_book.Name ? s_book : s_now;
                Assert.Equal(function.Name, call.Name);
                Assert.IsNotType<Exception>(await function.InvokeAsync(new(call.Arguments)));
            }
        }
    }

    [Fact]
    public async Task A_pattern_of_a_hundred_thousand_words_is_answered_and_holds_nobody_up()
    {
        string words = string.Join('|', Enumerable.Range(0, 100_000).Select(i => $"a{i}"));
        var watch = Stopwatch.StartNew();
        Task<ChatResponse> beside = clients.Instruct.GetResponseAsync("Hello!", NanoTools.Greedy());
        ChatResponse response = await clients.Instruct.GetResponseAsync("Hello!", Matching($"^({words})$", seed: 1));
        Assert.Matches("^\"a[0-9]{1,5}\"$", response.Text);
        response = await clients.Instruct.GetResponseAsync("Hello!", Matching(words, seed: 1));
        Assert.StartsWith("\"", response.Text);
        Assert.StartsWith("Hello", (await beside).Text);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task A_schema_that_is_too_large_or_leaves_too_much_open_ends_its_request_alone()
    {
        string words = string.Join('|', Enumerable.Range(0, 300_000).Select(i => $"a{i}"));
        Task<ChatResponse> beside = clients.Instruct.GetResponseAsync("Hello!", NanoTools.Greedy());
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => clients.Instruct.GetResponseAsync("Hello!", Matching(words, seed: 1)));
        Assert.Contains("'enum'", refused.Message);
        string optional = string.Concat(Enumerable.Repeat("a?", 3_000));
        refused = await Assert.ThrowsAsync<ArgumentException>(() => clients.Instruct.GetResponseAsync("Hello!", Matching($"^({optional})*$", seed: 1)));
        Assert.Contains("too large", refused.Message);
        await Assert.ThrowsAsync<LlamaCpp.GrammarComplexityException>(
            () => clients.Instruct.GetResponseAsync("Hello!", Matching("^(.{0,5000}[a-z]){0,50}$", seed: 1)));
        Assert.StartsWith("Hello", (await beside).Text);
        Assert.StartsWith("Hello", (await clients.Instruct.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_specific_function_is_called_also_one_without_parameters(bool thinks)
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.Weather, s_now);
        options.ToolMode = ChatToolMode.RequireSpecific(s_now.Name);
        options.AllowMultipleToolCalls = false;
        ChatResponse response = await Client(thinks).GetResponseAsync("What is the weather in Paris?", options);
        var call = Assert.IsType<FunctionCallContent>(response.Messages[0].Contents[^1]);
        Assert.Equal(s_now.Name, call.Name);
        Assert.Empty(call.Arguments!);
        Assert.Equal(thinks, response.Messages[0].Contents.Any(content => content is TextReasoningContent));
        Assert.DoesNotContain(response.Messages[0].Contents, content => content is TextContent);
    }

    [Fact]
    public async Task A_required_call_is_that_of_the_model_where_it_wants_one()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        ChatResponse free = await clients.Instruct.GetResponseAsync("What is the weather in Hanoi and Tokyo?", options);
        options.ToolMode = ChatToolMode.RequireAny;
        ChatResponse required = await clients.Instruct.GetResponseAsync("What is the weather in Hanoi and Tokyo?", options);
        string[] Cities(ChatResponse response) => [.. response.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => $"{call.Arguments!["city"]}")];
        Assert.Equal(["Hanoi", "Tokyo"], Cities(free));
        Assert.Equal(["Hanoi", "Tokyo"], Cities(required));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_the_model_opens_by_itself_is_held_to_the_schemas(bool thinks)
    {
        int calls = 0;
        for (long seed = 0; seed < 10; seed++)
        {
            // It likes the tag, and knows what to write after it no better than anybody at this temperature.
            ChatOptions options = WildOptions(seed, ChatToolMode.Auto, s_book, s_now);
            int[] tags = [.. ((string[])["<tool_call>", "</think>"]).Select(Client(thinks).GetService<LlamaCpp.Tokenizer>()!.GetSpecialTokenId)];
            options.RawRepresentationFactory = _ => new LlamaCpp.SamplingOptions { LogitBias = new Dictionary<int, float>([.. _endings, .. tags.Select(tag => KeyValuePair.Create(tag, 25f))]) };
            ChatResponse response = await Client(thinks).GetResponseAsync("Hello!", options);
            foreach (FunctionCallContent call in response.Messages[0].Contents.OfType<FunctionCallContent>())
            {
                calls++;
                await (call.Name == s_book.Name ? s_book : s_now).InvokeAsync(new(call.Arguments));
            }
        }

        Assert.True(calls > 5, $"{calls} calls");
    }

    [Fact]
    public async Task One_call_ends_the_turn_where_several_are_not_allowed()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.AllowMultipleToolCalls = false;
        foreach (ChatToolMode mode in (ChatToolMode[])[ChatToolMode.Auto, ChatToolMode.RequireAny])
        {
            options.ToolMode = mode;
            ChatResponse response = await clients.Instruct.GetResponseAsync("What is the weather in Hanoi and Tokyo?", options);
            Assert.Equal("Hanoi", $"{Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Arguments!["city"]}");
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        }
    }

    [Fact]
    public async Task A_call_of_what_is_not_offered_cannot_be_required()
    {
        async Task<string> RefusalAsync(ChatToolMode mode, params AITool[] tools) =>
            (await Assert.ThrowsAsync<ArgumentException>(() => clients.Instruct.GetResponseAsync("Hello!", new() { ToolMode = mode, Tools = tools }))).Message;
        Assert.Contains("no function is offered", await RefusalAsync(ChatToolMode.RequireAny));
        string message = await RefusalAsync(ChatToolMode.RequireSpecific("Weather"), NanoTools.All);
        Assert.Contains("'Weather'", message);
        Assert.Contains("Weather_GetWeather", message);
    }

    [Fact]
    public async Task A_schema_that_nothing_satisfies_is_refused_with_its_function_and_place()
    {
        AIFunctionDeclaration impossible = AIFunctionFactory.CreateDeclaration(
            "Impossible", "Cannot be called.", JsonElement.Parse("""{"type": "object", "properties": {"n": {"type": "integer", "minimum": 5, "maximum": 4}}, "required": ["n"]}"""));
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => clients.Instruct.GetResponseAsync("Hello!", new() { Tools = [impossible], ToolMode = ChatToolMode.RequireAny }));
        Assert.Contains("'Impossible'", exception.Message);
        Assert.Contains("/properties/n", exception.Message);

        // Where nobody has to call it, it is in nobody's way.
        ChatResponse response = await clients.Instruct.GetResponseAsync("What is the weather in Paris?", NanoTools.Greedy(impossible, NanoTools.Weather));
        Assert.Equal(NanoTools.Weather.Name, response.Messages[0].Contents.OfType<FunctionCallContent>().Single().Name);
    }

    /// <summary>Half of a surrogate pair is JSON, and no text to .NET.</summary>
    [Theory]
    [InlineData("""{"\ud800": 1}""", " #")]
    [InlineData("""{"type": "\ud800"}""", " #/type")]
    [InlineData("""{"type": ["\ud800"]}""", " #/type/0")]
    [InlineData("""{"type": "object", "properties": {"n": {"enum": ["\ud800"]}}}""", " #/properties/n/enum/0")]
    public async Task A_schema_that_is_not_Unicode_is_refused_with_its_function_and_place(string schema, string place)
    {
        AIFunctionDeclaration broken = AIFunctionFactory.CreateDeclaration("Broken", "Cannot be read.", JsonElement.Parse(schema));
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => clients.Instruct.GetResponseAsync("Hello!", new() { Tools = [broken], ToolMode = ChatToolMode.RequireAny }));
        Assert.Contains("'Broken'", exception.Message);
        Assert.Contains($"not Unicode at{place}:", exception.Message);

        ChatResponse response = await clients.Instruct.GetResponseAsync("What is the weather in Paris?", NanoTools.Greedy(broken, NanoTools.Weather));
        Assert.Equal(NanoTools.Weather.Name, response.Messages[0].Contents.OfType<FunctionCallContent>().Single().Name);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"type": "string"}""")]
    [InlineData("""{"description": "Anything."}""")]
    [InlineData("""{"type": ["object", "null"], "properties": {"a": {"type": "integer"}}}""")]
    public async Task Arguments_are_an_object_whatever_a_schema_says(string schema)
    {
        AIFunctionDeclaration odd = AIFunctionFactory.CreateDeclaration("Odd", "Takes what it gets.", JsonElement.Parse(schema));
        ChatOptions options = WildOptions(1, ChatToolMode.RequireAny, odd);
        options.AllowMultipleToolCalls = false;
        ChatResponse response = await clients.Instruct.GetResponseAsync("Hello!", options);
        Assert.True(response.FinishReason == ChatFinishReason.Length || response.Messages[0].Contents.Single() is FunctionCallContent { Name: "Odd" }, response.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("auto")]
    [InlineData("required")]
    public async Task A_budget_that_ends_in_the_middle_of_a_call_inside_the_thinking_loses_nothing(string? mode)
    {
        // Who cannot close its thinking calls in the midst of it.
        int end = clients.Thinking.GetService<LlamaCpp.Tokenizer>()!.GetSpecialTokenId("</think>");
        for (int budget = 10; budget < 60; budget += 3)
        {
            ChatOptions options = NanoTools.Greedy(mode is null ? [] : NanoTools.All);
            options.ToolMode = mode == "required" ? ChatToolMode.RequireAny : mode is null ? null : ChatToolMode.Auto;
            options.ResponseFormat = mode is null ? ChatResponseFormat.ForJsonSchema<Place>() : null;
            options.RawRepresentationFactory = _ => new LlamaCpp.SamplingOptions { LogitBias = new Dictionary<int, float> { [end] = -1000 } };
            options.AdditionalProperties = new() { ["thinking_budget"] = budget };
            ChatResponse response = await clients.Thinking.GetResponseAsync("What is the weather in Rome?", options);
            IList<AIContent> contents = response.Messages[0].Contents;
            Assert.DoesNotContain(contents, content => content is ErrorContent);
            if (response.Messages[0].AdditionalProperties is null)
            {
                // It was done before.
                continue;
            }

            Assert.IsType<TextReasoningContent>(contents[0]);
            Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, budget, budget + 30);
            Assert.True(mode is not "required" || contents[^1] is FunctionCallContent, $"budget {budget}: {response.Text}");
            Assert.True(mode is not null || JsonElement.Parse(response.Text).ValueKind == JsonValueKind.Object, $"budget {budget}: {response.Text}");
        }
    }

    public sealed record Address(string City, string? Street);

    public sealed record Node([StringLength(5)] string Name, [MaxLength(2)] List<Node> Children);

    [Fact]
    public async Task A_list_of_what_has_its_like_in_it_deserializes()
    {
        int whole = 0;
        for (long seed = 0; seed < 6; seed++)
        {
            ChatResponse<List<Node>> response = await clients.Instruct.GetResponseAsync<List<Node>>("Hello!", WildOptions(seed, mode: null));
            if (response.FinishReason == ChatFinishReason.Stop)
            {
                whole++;
                Assert.NotNull(response.Result);
            }
        }

        Assert.True(whole > 0);
    }

    public sealed record Place([StringLength(30)] string City, [StringLength(30)] string? Street);

    public sealed record Person(string Name, [Range(0, 150)] int Age, Priority Priority, DateTime Born, Guid Id, List<string> Likes, Address Home, double? Height, TimeSpan Shift);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_typed_answer_always_deserializes(bool thinks)
    {
        int whole = 0;
        for (long seed = 0; seed < 6; seed++)
        {
            ChatResponse<Person> response = await Client(thinks).GetResponseAsync<Person>("Tell me about Anna.", WildOptions(seed, mode: null));
            if (response.FinishReason == ChatFinishReason.Stop)
            {
                whole++;
                Assert.NotNull(response.Result.Likes);
                Assert.NotNull(response.Result.Home.City);
                Assert.True(Enum.IsDefined(response.Result.Priority));
            }
        }

        Assert.True(whole >= 4, $"{whole} were whole");
    }

    [Fact]
    public async Task Json_without_a_schema_is_a_document()
    {
        int whole = 0;
        for (long seed = 0; seed < 6; seed++)
        {
            ChatOptions options = WildOptions(seed, mode: null);
            options.ResponseFormat = ChatResponseFormat.Json;
            ChatResponse response = await clients.Instruct.GetResponseAsync("Hello!", options);
            if (response.FinishReason == ChatFinishReason.Stop)
            {
                whole++;
                Assert.Contains(JsonElement.Parse(response.Text).ValueKind, (JsonValueKind[])[JsonValueKind.Object, JsonValueKind.Array]);
            }
        }

        Assert.True(whole > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_tools_and_a_schema_the_answer_is_a_call_or_the_json(bool thinks)
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.Weather);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema<Place>();
        List<ChatMessage> messages = [new(ChatRole.User, "What is the weather in Paris?")];
        ChatResponse first = await Client(thinks).GetResponseAsync(messages, options);
        var call = Assert.IsType<FunctionCallContent>(first.Messages[0].Contents[^1]);
        Assert.Equal("Paris", $"{call.Arguments!["city"]}");

        messages.AddRange(first.Messages);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "sunny, 21 degrees")]));
        options.ToolMode = ChatToolMode.None;
        ChatResponse second = await Client(thinks).GetResponseAsync(messages, options);
        Assert.NotNull(JsonSerializer.Deserialize<Place>(second.Text, AIJsonUtilities.DefaultOptions)!.City);

        options.ToolMode = ChatToolMode.Auto;
        ChatResponse direct = await Client(thinks).GetResponseAsync("Extract the name, age and city: Anna is 30 years old and lives in Rome.", options);
        Assert.All(direct.Messages[0].Contents.Where(content => content is not TextReasoningContent), content => Assert.True(content is FunctionCallContent or TextContent));
        Assert.True(direct.Text.Length == 0 || JsonElement.Parse(direct.Text).ValueKind == JsonValueKind.Object, direct.Text);
    }

    [Fact]
    public async Task Streaming_gives_the_same()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.ToolMode = ChatToolMode.RequireAny;
        ChatResponse whole = await clients.Thinking.GetResponseAsync("Add 3 and 4.", options);
        ChatResponse streamed = await clients.Thinking.GetStreamingResponseAsync("Add 3 and 4.", options).ToChatResponseAsync();
        string[] Kinds(ChatResponse response) => [.. response.Messages[0].Contents.Select(content => $"{content.GetType().Name} {(content as FunctionCallContent)?.Name}")];
        Assert.Equal(Kinds(whole), Kinds(streamed));
        Assert.Equal(whole.Usage!.OutputTokenCount, streamed.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task The_thinking_stays_within_its_budget_and_the_answer_is_well_formed()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        ChatResponse free = await clients.Thinking.GetResponseAsync("What is the weather in Rome? Send it to Anna.", options);
        const int Budget = 4;
        Assert.True(free.Usage!.ReasoningTokenCount > Budget + 1);
        Assert.Null(free.Messages[0].AdditionalProperties);

        options.AdditionalProperties = new() { ["thinking_budget"] = Budget };
        options.ToolMode = ChatToolMode.RequireAny;
        ChatResponse limited = await clients.Thinking.GetResponseAsync("What is the weather in Rome? Send it to Anna.", options);
        string closing = "\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly now.\n";
        int closingTokens = clients.Thinking.GetService<LlamaCpp.Tokenizer>()!.Encode(closing).Length + 1;
        Assert.InRange((int)limited.Usage!.ReasoningTokenCount!, Budget + 1, Budget + closingTokens);
        var reasoning = Assert.IsType<TextReasoningContent>(limited.Messages[0].Contents[0]);
        Assert.EndsWith(closing.Trim(), reasoning.Text);
        Assert.IsType<FunctionCallContent>(limited.Messages[0].Contents[1]);
        Assert.Equal("budget", limited.Messages[0].AdditionalProperties!["thinking_end"]);
    }

    [Fact]
    public async Task Without_a_budget_the_answer_begins_at_once()
    {
        foreach (ChatOptions options in (ChatOptions[])[
            new() { Temperature = 0, Reasoning = new() { Effort = ReasoningEffort.None } },
            new() { Temperature = 0, AdditionalProperties = new() { ["thinking_budget"] = 0 } }])
        {
            Assert.EndsWith("<|im_start|>assistant\n<think>\n\n</think>\n\n", Qwen3Prompt.Create(Qwen3Variant.Thinking, [new(ChatRole.User, "Hello!")], options).ToString());
            ChatResponse response = await clients.Thinking.GetResponseAsync("Hello!", options);
            Assert.DoesNotContain(response.Messages[0].Contents, content => content is TextReasoningContent);
            Assert.StartsWith("Hello", response.Text);
            Assert.Equal(0, response.Usage!.ReasoningTokenCount ?? 0);
        }
    }

    [Fact]
    public async Task An_effort_has_its_budget()
    {
        var client = new Qwen3ChatClient(clients.Thinking.GetService<LlamaCpp.InferenceEngine>()!, new() { ThinkingBudgets = new() { Low = 3 } });
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.Reasoning = new() { Effort = ReasoningEffort.Low };
        ChatResponse low = await client.GetResponseAsync("What is the weather in Rome? Send it to Anna.", options);
        Assert.Equal("budget", low.Messages[0].AdditionalProperties!["thinking_end"]);
        options.Reasoning = new() { Effort = ReasoningEffort.Medium };
        Assert.Null((await client.GetResponseAsync("What is the weather in Rome? Send it to Anna.", options)).Messages[0].AdditionalProperties);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData("soon")]
    public async Task A_budget_that_is_none_is_refused(object budget)
    {
        var exception = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => clients.Thinking.GetResponseAsync("Hello!", new() { AdditionalProperties = new() { ["thinking_budget"] = budget } }));
        Assert.Contains("thinking_budget", exception.Message);
    }

    [Fact]
    public async Task Reasoning_that_is_not_wanted_is_counted_and_not_shown()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        ChatResponse full = await clients.Thinking.GetResponseAsync("Add 3 and 4.", options);
        options.Reasoning = new() { Output = ReasoningOutput.None };
        ChatResponse hidden = await clients.Thinking.GetResponseAsync("Add 3 and 4.", options);
        Assert.Contains(full.Messages[0].Contents, content => content is TextReasoningContent);
        Assert.DoesNotContain(hidden.Messages[0].Contents, content => content is TextReasoningContent);
        Assert.Equal(full.Usage!.ReasoningTokenCount, hidden.Usage!.ReasoningTokenCount);
        Assert.True(hidden.Usage.ReasoningTokenCount > 0);
        Assert.Equal(full.Messages[0].Contents.Count - 1, hidden.Messages[0].Contents.Count);
    }

    [Fact]
    public async Task Thinking_in_circles_is_ended_unless_that_is_switched_off()
    {
        LlamaCpp.Tokenizer tokenizer = clients.Thinking.GetService<LlamaCpp.Tokenizer>()!;
        int end = tokenizer.GetSpecialTokenId("</think>");
        var liking = tokenizer.Encode(" seven eight").ToDictionary(word => word, _ => 1000f);
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 400, RawRepresentationFactory = _ => new LlamaCpp.SamplingOptions { LogitBias = liking } };
        ChatResponse guarded = await clients.Thinking.GetResponseAsync("Hello!", options);
        Assert.Equal("repetition", guarded.Messages[0].AdditionalProperties!["thinking_end"]);
        Assert.True(guarded.Usage!.ReasoningTokenCount < 350);
        Assert.NotEmpty(guarded.Text);

        var client = new Qwen3ChatClient(clients.Thinking.GetService<LlamaCpp.InferenceEngine>()!, new() { RepetitionGuard = false });
        ChatResponse unguarded = await client.GetResponseAsync("Hello!", options);
        Assert.Null(unguarded.Messages[0].AdditionalProperties);
        Assert.Empty(unguarded.Text);
    }

    private ChatOptions WildOptions(long seed, ChatToolMode? mode, params AITool[] tools) => new()
    {
        Temperature = Wild,
        TopP = 1,
        TopK = 40,
        Seed = seed,
        ToolMode = mode,
        Tools = tools.Length > 0 ? tools : null,
        MaxOutputTokens = 600,
        // The thinking would go on for long at this temperature, and so would what is in quotes.
        AdditionalProperties = new() { ["thinking_budget"] = 8 },
        RawRepresentationFactory = _ => new LlamaCpp.SamplingOptions { LogitBias = _endings },
    };

    private Qwen3ChatClient Client(bool thinks) => thinks ? clients.Thinking : clients.Instruct;
}
