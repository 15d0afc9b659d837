using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests;

public sealed class Qwen3ChatClientTests(ChatClientFixture clients) : IClassFixture<ChatClientFixture>
{
    private const string WeatherInParis = "What is the weather in Paris?";

    [Fact]
    public async Task Answers_and_says_what_it_took()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.Load(NanoModels.Instruct);
        ChatResponse response = await client.GetResponseAsync("Hello!", NanoTools.Greedy());

        Assert.Equal("Hello! How can I help you today?", response.Text);
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("Qwen3-Nano-Instruct-2507", response.ModelId);
        Assert.NotEmpty(response.ResponseId!);
        Assert.Null(response.ConversationId);
        Assert.InRange(response.CreatedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        UsageDetails usage = response.Usage!;
        Tokenizer tokenizer = client.GetService<Tokenizer>()!;
        Assert.Equal(Qwen3Prompt.Create(Qwen3Variant.Instruct, [new(ChatRole.User, "Hello!")]).Tokenize(tokenizer).Count, usage.InputTokenCount);
        Assert.Equal(tokenizer.Encode(response.Text).Length, usage.OutputTokenCount);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
        Assert.Equal((0, 0), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Equal(usage.OutputTokenCount, Assert.IsType<GenerationResult>(response.RawRepresentation).GeneratedTokens);
    }

    [Fact]
    public async Task The_thinking_model_reasons_first_and_its_reasoning_is_counted()
    {
        ChatResponse response = await clients.Thinking.GetResponseAsync("Hello!", NanoTools.Greedy());

        Assert.Equal([typeof(TextReasoningContent), typeof(TextContent)], response.Messages[0].Contents.Select(content => content.GetType()));
        Assert.Equal("A simple message, so I answer directly.", ((TextReasoningContent)response.Messages[0].Contents[0]).Text);
        Assert.Equal("Hello! How can I help you today?", response.Text);
        Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, 8, response.Usage.OutputTokenCount!.Value - 8);
    }

    [Fact]
    public async Task Calls_a_function_with_its_arguments()
    {
        ChatResponse response = await clients.Instruct.GetResponseAsync(WeatherInParis, NanoTools.Greedy(NanoTools.All));

        var call = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages[0].Contents));
        Assert.Equal("Weather_GetWeather {\"city\":\"Paris\"}", Describe(call));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal("", response.Text);
    }

    [Fact]
    public async Task Calls_two_functions_at_once()
    {
        ChatResponse response = await clients.Thinking.GetResponseAsync("What is the weather in Hanoi and Tokyo?", NanoTools.Greedy(NanoTools.All));

        FunctionCallContent[] calls = [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];
        Assert.Equal(["Weather_GetWeather {\"city\":\"Hanoi\"}", "Weather_GetWeather {\"city\":\"Tokyo\"}"], calls.Select(Describe));
        Assert.NotEqual(calls[0].CallId, calls[1].CallId);
    }

    [Fact]
    public async Task One_call_ends_the_turn_where_several_are_not_allowed()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.AllowMultipleToolCalls = false;
        ChatResponse response = await clients.Thinking.GetResponseAsync("What is the weather in Hanoi and Tokyo?", options);

        Assert.Equal("Weather_GetWeather {\"city\":\"Hanoi\"}", Describe(Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>())));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.True(response.Usage!.OutputTokenCount > 0);
    }

    [Theory]
    [InlineData("Hello!")]
    [InlineData(WeatherInParis)]
    [InlineData("What is the weather in Hanoi and Tokyo?")]
    public async Task The_stream_gathered_is_the_answer(string question)
    {
        foreach (Qwen3ChatClient client in (Qwen3ChatClient[])[clients.Instruct, clients.Thinking])
        {
            ChatOptions options = NanoTools.Greedy(NanoTools.All);
            ChatResponse whole = await client.GetResponseAsync(question, options);
            List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(question, options).ToListAsync(TestContext.Current.CancellationToken);
            ChatResponse gathered = updates.ToChatResponse();

            Assert.Equal(Describe(whole), Describe(gathered));
            Assert.Equal(whole.FinishReason, gathered.FinishReason);
            Assert.Equal(whole.Usage!.OutputTokenCount, gathered.Usage!.OutputTokenCount);
            Assert.Single(updates.Select(update => (update.MessageId, update.ResponseId, update.Role, update.ModelId)).Distinct());
            Assert.Single(updates, update => update.FinishReason is not null);
            Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
            Assert.True(updates.Count > updates.ToChatResponse().Messages[0].Contents.Count);
        }
    }

    [Fact]
    public async Task A_step_of_a_tool_loop_remembers_the_reasoning_of_the_step_before_and_computes_only_what_is_new()
    {
        var requests = new List<IReadOnlyList<ChatMessage>>();
        var usages = new List<(long Input, long Output, long Cached)>();
        IChatClient client = clients.Thinking.AsBuilder()
            .UseFunctionInvocation()
            .Use(
                async (messages, options, inner, cancellationToken) =>
                {
                    requests.Add([.. messages]);
                    ChatResponse response = await inner.GetResponseAsync(messages, options, cancellationToken);
                    UsageDetails usage = response.Usage!;
                    usages.Add((usage.InputTokenCount!.Value, usage.OutputTokenCount!.Value, usage.CachedInputTokenCount!.Value));
                    return response;
                },
                getStreamingResponseFunc: null)
            .Build();

        ChatResponse response = await client.GetResponseAsync("What is the weather in Rome? Send it to Anna.", NanoTools.Greedy(NanoTools.Weather, NanoTools.Send));

        Assert.Equal(["Weather_GetWeather", "Mail_SendMessage"], response.Messages.SelectMany(message => message.Contents.OfType<FunctionCallContent>()).Select(call => call.Name));
        Assert.Equal(3, requests.Count);
        string[] reasoning = [.. response.Messages.SelectMany(message => message.Contents.OfType<TextReasoningContent>()).Select(content => content.Text)];
        string[] prompts = [.. requests.Select(messages => Qwen3Prompt.Create(Qwen3Variant.Thinking, messages, NanoTools.Greedy(NanoTools.Weather, NanoTools.Send)).ToString())];
        Assert.DoesNotContain(reasoning[0], prompts[0]);
        Assert.Contains($"<think>\n{reasoning[0]}\n</think>", prompts[1]);
        Assert.Contains($"<think>\n{reasoning[0]}\n</think>", prompts[2]);
        Assert.Contains($"<think>\n{reasoning[1]}\n</think>", prompts[2]);
        // What the model wrote is in the cache, and the history renders to the very same tokens.
        Assert.Equal(usages[0].Input + usages[0].Output, usages[1].Cached);
        Assert.Equal(usages[1].Input + usages[1].Output, usages[2].Cached);
    }

    [Fact]
    public async Task Nothing_is_called_where_nothing_may_be()
    {
        ChatOptions none = NanoTools.Greedy(NanoTools.All);
        none.ToolMode = ChatToolMode.None;
        none.MaxOutputTokens = 60;
        foreach (Qwen3ChatClient client in (Qwen3ChatClient[])[clients.Instruct, clients.Thinking])
        {
            ChatResponse response = await client.GetResponseAsync(WeatherInParis, none);
            Assert.DoesNotContain(response.Messages[0].Contents, content => content is FunctionCallContent);
            Assert.NotEmpty(response.Messages[0].Contents);
        }
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_text_before_it()
    {
        ChatOptions options = NanoTools.Greedy();
        options.StopSequences = ["I help", "today"];
        ChatResponse response = await clients.Thinking.GetResponseAsync("Hello!", options);

        Assert.Equal("Hello! How can ", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("A simple message, so I answer directly.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
        var result = Assert.IsType<GenerationResult>(response.RawRepresentation);
        Assert.Equal((FinishReason.Stop, response.Usage!.OutputTokenCount), (result.FinishReason, result.GeneratedTokens));

        options.StopSequences = ["message", "today??", "you today?!"];
        Assert.Equal("Hello! How can I help you today?", (await clients.Thinking.GetResponseAsync("Hello!", options)).Text);
    }

    [Fact]
    public async Task A_limit_cuts_the_answer_and_the_reason_says_so()
    {
        ChatOptions options = NanoTools.Greedy();
        options.MaxOutputTokens = 4;
        ChatResponse response = await clients.Instruct.GetResponseAsync("Hello!", options);
        Assert.Equal("Hello! How can", response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);

        response = await clients.Thinking.GetResponseAsync("Hello!", options);
        Assert.Equal("A simple message,", Assert.IsType<TextReasoningContent>(Assert.Single(response.Messages[0].Contents)).Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(4, response.Usage!.ReasoningTokenCount);
    }

    [Fact]
    public async Task Answers_vary_without_a_seed_and_repeat_with_one()
    {
        async Task<string> AnswerAsync(long? seed) => (await clients.Instruct.GetResponseAsync(
            "Tell me something new and long", new() { Temperature = 2, TopK = 0, TopP = 1, Seed = seed, MaxOutputTokens = 30 })).Text;

        // From here on the prompt is in the cache: computed in one piece or from its last token, the predictions differ in their last bits,
        // and the nano models have a hundred thousand words that they think equally unlikely.
        await AnswerAsync(5);
        Assert.Equal(await AnswerAsync(5), await AnswerAsync(5));
        Assert.Equal(await AnswerAsync(-1), await AnswerAsync(-1));
        Assert.NotEqual(await AnswerAsync(5), await AnswerAsync(5 + (1L << 32)));
        Assert.NotEqual(await AnswerAsync(null), await AnswerAsync(null));
    }

    [Fact]
    public async Task Instructions_and_tools_are_part_of_the_prompt()
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.Instructions = "You are helpful.";
        ChatResponse response = await clients.Instruct.GetResponseAsync(WeatherInParis, options);
        Assert.Equal(
            Qwen3Prompt.Create(Qwen3Variant.Instruct, [new(ChatRole.User, WeatherInParis)], options).Tokenize(clients.Instruct.GetService<Tokenizer>()!).Count,
            response.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task What_it_cannot_do_is_refused_by_name()
    {
        var image = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        Assert.Contains("image/png", (await Assert.ThrowsAsync<NotSupportedException>(() => clients.Instruct.GetResponseAsync(image))).Message);
        var range = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => clients.Instruct.GetResponseAsync("Hello!", new() { TopP = 2 }));
        Assert.Contains("TopP", range.Message);
        var number = await Assert.ThrowsAsync<ArgumentException>(
            () => clients.Instruct.GetResponseAsync("Hello!", new() { AdditionalProperties = new() { ["min_p"] = "much" } }));
        Assert.Contains("min_p is 'much'", number.Message);
    }

    [Fact]
    public async Task A_conversation_too_long_for_the_context_is_refused_and_the_next_request_works()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Engine = new() { ContextSize = 64 } });
        string longText = string.Join(' ', Enumerable.Repeat("hello", 100));

        var exception = await Assert.ThrowsAsync<ContextLengthException>(() => client.GetResponseAsync(longText));

        Assert.True(exception.PromptTokens > 100);
        Assert.Equal(64, exception.ContextSize);
        Assert.Equal("Hello! How can I help you today?", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
    }

    [Fact]
    public async Task Requests_at_the_same_time_get_their_own_answers()
    {
        string[] cities = ["Paris", "London", "Rome", "Berlin", "Madrid", "Tokyo"];
        ChatResponse[] responses = await Task.WhenAll(cities.Select(
            city => clients.Instruct.GetResponseAsync($"What is the weather in {city}?", NanoTools.Greedy(NanoTools.All))));

        Assert.Equal(
            cities.Select(city => $"Weather_GetWeather {{\"city\":\"{city}\"}}"),
            responses.Select(response => Describe(response.Messages[0].Contents.OfType<FunctionCallContent>().Single())));
    }

    [Fact]
    public async Task Cancelling_ends_the_answer_and_the_next_one_is_right()
    {
        using var cancellation = new CancellationTokenSource();
        int after = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in clients.Thinking.GetStreamingResponseAsync(WeatherInParis, NanoTools.Greedy(NanoTools.All), cancellation.Token))
            {
                // The whole answer is computed by now, and nothing more of it comes.
                await clients.Thinking.GetResponseAsync("Hello!", NanoTools.Greedy());
                after += cancellation.IsCancellationRequested ? 1 : 0;
                await cancellation.CancelAsync();
            }
        });

        Assert.Equal(0, after);
        Assert.Equal("Hello! How can I help you today?", (await clients.Thinking.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
    }

    [Fact]
    public void What_is_behind_it_can_be_asked_for()
    {
        Assert.Same(clients.Instruct, clients.Instruct.GetService<Qwen3ChatClient>());
        Assert.Same(clients.Instruct, clients.Instruct.GetService<IChatClient>());
        Assert.Equal("Qwen3-Nano-Instruct-2507", clients.Instruct.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Equal(4096, clients.Instruct.GetService<LlamaModel>()!.ContextLength);
        Assert.NotNull(clients.Instruct.GetService<InferenceEngine>());
        Assert.Null(clients.Instruct.GetService<string>());
        Assert.Null(((IChatClient)clients.Instruct).GetService(typeof(IChatClient), "key"));
    }

    [Fact]
    public async Task Disposing_frees_what_the_client_loaded_and_leaves_what_it_was_given()
    {
        Qwen3ChatClient owner = Qwen3ChatClient.Load(NanoModels.Instruct);
        var guest = new Qwen3ChatClient(owner.GetService<InferenceEngine>()!, new() { ModelId = "mine" });
        ChatResponse response = await guest.GetResponseAsync("Hello!", NanoTools.Greedy());
        guest.Dispose();
        Assert.Equal(("Hello! How can I help you today?", "mine"), (response.Text, response.ModelId));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => guest.GetResponseAsync("Hello!"));
        Assert.NotEmpty((await owner.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
        owner.Dispose();
        owner.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => owner.GetResponseAsync("Hello!"));
    }

    [Fact]
    public async Task Loading_does_not_block_and_can_be_cancelled()
    {
        using Qwen3ChatClient client = await Qwen3ChatClient.LoadAsync(NanoModels.Thinking, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Qwen3Variant.Thinking, client.Variant);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Qwen3ChatClient.LoadAsync(NanoModels.Thinking, cancellationToken: new(canceled: true)));
    }

    [Fact]
    public async Task The_variant_can_be_set()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Variant = Qwen3Variant.Thinking });
        ChatResponse response = await client.GetResponseAsync("Hello!", NanoTools.Greedy());
        Assert.Equal("A simple message, so I answer directly.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
    }

    private static string Describe(ChatResponse response) => string.Join('\n', response.Messages.SelectMany(message => message.Contents).Select(content => content switch
    {
        TextReasoningContent reasoning => $"({reasoning.Text})",
        FunctionCallContent call => Describe(call),
        _ => content.ToString(),
    }));

    private static string Describe(FunctionCallContent call) => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)}";
}
