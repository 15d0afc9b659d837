using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Moq;

namespace Qwen3.LlamaCpp.Tests;

public sealed class InferenceEngineTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    private readonly LlamaModel _model = fixture.Model;

    private int EndOfTurn => _model.Tokenizer.GetSpecialTokenId("<|im_end|>");

    [Fact]
    public async Task Generates_until_a_stop_token_and_says_how_it_went()
    {
        await using var engine = new InferenceEngine(_model);
        Generation generation = engine.Generate(Ask("Hello!"));

        string text = await ReadAsync(generation);

        Assert.NotEmpty(text);
        Assert.DoesNotContain("<|im_end|>", text);
        Assert.Equal(FinishReason.Stop, generation.Result.FinishReason);
        Assert.Equal(Prompt("Hello!").Length, generation.Result.PromptTokens);
        Assert.Equal(0, generation.Result.CachedTokens);
        Assert.Equal(_model.Tokenizer.Encode(text).Length, generation.Result.GeneratedTokens);
        Assert.True(generation.Result.PromptTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task Computes_only_what_a_prompt_does_not_share_with_the_one_before()
    {
        await using var engine = new InferenceEngine(_model);
        await using var fresh = new InferenceEngine(_model);
        await ReadAsync(engine.Generate(Ask("What is the weather in Paris?")));

        Generation second = engine.Generate(Ask("What is the weather in Rome?"));
        Generation alone = fresh.Generate(Ask("What is the weather in Rome?"));

        Assert.Equal(await ReadAsync(alone), await ReadAsync(second));
        Assert.Equal(SharedLength(Prompt("What is the weather in Paris?"), Prompt("What is the weather in Rome?")), second.Result.CachedTokens);
        Assert.Equal(0, alone.Result.CachedTokens);
    }

    [Fact]
    public async Task The_same_prompt_again_is_computed_from_its_last_token()
    {
        await using var engine = new InferenceEngine(_model);
        string first = await ReadAsync(engine.Generate(Ask("Hello!")));
        Generation again = engine.Generate(Ask("Hello!"));

        Assert.Equal(first, await ReadAsync(again));
        Assert.Equal(again.Result.PromptTokens - 1, again.Result.CachedTokens);
    }

    [Fact]
    public async Task A_prompt_longer_than_a_batch_gives_the_same_answer()
    {
        await using var whole = new InferenceEngine(_model);
        await using var sliced = new InferenceEngine(_model, new() { BatchSize = 4 });

        Assert.Equal(await ReadAsync(whole.Generate(Ask("Who are you?"))), await ReadAsync(sliced.Generate(Ask("Who are you?"))));
    }

    [Fact]
    public async Task A_seed_repeats_an_answer_and_no_seed_varies_it()
    {
        await using var engine = new InferenceEngine(_model);
        async Task<string> AnswerAsync(uint? seed) => await ReadAsync(engine.Generate(new()
        {
            Prompt = Prompt("Hello!"),
            Sampling = new() { Temperature = 3, Seed = seed },
            MaxTokens = 24,
        }));

        // From here on the prompt is in the cache: computed in one piece or from its last token, the predictions differ in their last bits,
        // and the nano models have a hundred thousand words that they think equally unlikely.
        await AnswerAsync(7);
        Assert.Equal(await AnswerAsync(7), await AnswerAsync(7));
        Assert.NotEqual(await AnswerAsync(7), await AnswerAsync(8));
        Assert.NotEqual(await AnswerAsync(null), await AnswerAsync(null));
        Assert.Equal(await AnswerAsync(uint.MaxValue), await AnswerAsync(uint.MaxValue));
    }

    [Fact]
    public async Task Top_k_of_one_is_greedy_whatever_the_temperature()
    {
        await using var engine = new InferenceEngine(_model);
        string greedy = await ReadAsync(engine.Generate(Ask("Hello!")));
        Assert.Equal(greedy, await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 5, TopK = 1 }))));
        Assert.Equal(greedy, await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 1, TopP = 0 }))));
        Assert.Equal(greedy, await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 1, MinP = 1 }))));
    }

    [Fact]
    public async Task A_forbidden_token_is_not_generated_and_a_wanted_one_is()
    {
        await using var engine = new InferenceEngine(_model);
        int first = (await TokensAsync(engine.Generate(Ask("Hello!"))))[0];

        var without = new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [first] = float.NegativeInfinity } };
        Assert.DoesNotContain(first, await TokensAsync(engine.Generate(Ask("Hello!", without, maxTokens: 20))));

        var only = new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [1234] = 1000 } };
        Assert.Equal([1234, 1234, 1234], await TokensAsync(engine.Generate(Ask("Hello!", only, maxTokens: 3))));
    }

    [Fact]
    public async Task Penalties_keep_it_from_saying_the_same_again()
    {
        await using var engine = new InferenceEngine(_model);
        var wanted = new Dictionary<int, float> { [1000] = 500, [1001] = 499, [1002] = 498 };
        async Task<List<int>> AnswerAsync(SamplingOptions sampling) =>
            await TokensAsync(engine.Generate(Ask("Hello!", sampling with { Temperature = 0, LogitBias = wanted }, maxTokens: 3)));

        Assert.Equal([1000, 1000, 1000], await AnswerAsync(new()));
        Assert.Equal([1000, 1001, 1002], await AnswerAsync(new() { PresencePenalty = 100 }));
        Assert.Equal([1000, 1001, 1002], await AnswerAsync(new() { FrequencyPenalty = 100 }));
        Assert.Equal([1000, 1001, 1002], await AnswerAsync(new() { RepetitionPenalty = 2 }));
        Assert.Equal([1000, 1001, 1000], await AnswerAsync(new() { PresencePenalty = 100, PenaltyWindow = 1 }));
    }

    [Fact]
    public async Task A_limit_ends_the_answer()
    {
        await using var engine = new InferenceEngine(_model);
        Generation generation = engine.Generate(Ask("Hello!", maxTokens: 2));

        Assert.Equal(2, (await TokensAsync(generation)).Count);
        Assert.Equal(FinishReason.Length, generation.Result.FinishReason);
    }

    [Fact]
    public async Task An_answer_that_fills_the_context_ends_there_and_the_next_request_works()
    {
        await using var engine = new InferenceEngine(_model, new() { ContextSize = 40 });
        int[] prompt = Prompt("Hello!");
        Generation endless = engine.Generate(new() { Prompt = prompt, Sampling = s_greedy });

        Assert.Equal(40 - prompt.Length, (await TokensAsync(endless)).Count);
        Assert.Equal(FinishReason.Length, endless.Result.FinishReason);
        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
    }

    [Fact]
    public async Task A_prompt_that_does_not_fit_is_refused_with_both_numbers_and_the_next_request_works()
    {
        await using var engine = new InferenceEngine(_model, new() { ContextSize = 32 });
        var request = new GenerationRequest { Prompt = [.. Enumerable.Repeat(100, 32)] };

        var exception = Assert.Throws<ContextLengthException>(() => engine.Generate(request));

        Assert.Equal((32, 32), (exception.PromptTokens, exception.ContextSize));
        Assert.Contains("ContextSize", exception.Message);
        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
    }

    [Fact]
    public void What_cannot_be_computed_is_refused_by_name()
    {
        using var engine = new InferenceEngine(_model);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => engine.Generate(new() { Prompt = [] })).Message);
        Assert.Contains("151936", Assert.Throws<ArgumentException>(() => engine.Generate(new() { Prompt = [1, 151_936] })).Message);
        Assert.Contains("MaxTokens", Assert.Throws<ArgumentOutOfRangeException>(() => engine.Generate(new() { Prompt = [1], MaxTokens = 0 })).Message);
        Assert.Contains("TopP", Assert.Throws<ArgumentOutOfRangeException>(() => engine.Generate(new() { Prompt = [1], Sampling = new() { TopP = 1.5f } })).Message);
        Assert.Contains(
            "Temperature", Assert.Throws<ArgumentOutOfRangeException>(() => engine.Generate(new() { Prompt = [1], Sampling = new() { Temperature = float.NaN } })).Message);
        Assert.Contains("512", Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceEngine(_model, new() { Threads = 513 })).Message);
        using var wide = new InferenceEngine(_model, new() { BatchSize = int.MaxValue, ContextSize = 256 });
        Assert.Contains("4096", Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceEngine(_model, new() { ContextSize = 5000 })).Message);
    }

    [Fact]
    public async Task Cancelling_during_a_long_prompt_stops_it_midway()
    {
        // In one step, so that only an interruption inside the step frees the engine. Its log has no error: nothing failed.
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        await using var engine = new InferenceEngine(_model, new() { BatchSize = 4096, LoggerFactory = factory.Object });
        int[] prompt = [.. Enumerable.Range(0, 4000).Select(i => 1000 + (i % 500))];
        var whole = Stopwatch.StartNew();
        await TokensAsync(engine.Generate(new() { Prompt = prompt, MaxTokens = 1 }));
        whole.Stop();

        using var cancellation = new CancellationTokenSource(whole.Elapsed * 0.2);
        Generation cancelled = engine.Generate(new() { Prompt = [7, .. prompt], MaxTokens = 1 }, cancellation.Token);
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TokensAsync(cancelled));
        Assert.Equal(cancellation.Token, exception.CancellationToken);

        Generation next = engine.Generate(Ask("Hello!", maxTokens: 1));
        await TokensAsync(next);
        Assert.True(next.Result.QueueTime < whole.Elapsed * 0.3, $"waited {next.Result.QueueTime}, the whole prompt takes {whole.Elapsed}");
        logger.Verify(
            l => l.Log(LogLevel.Error, It.IsAny<EventId>(), It.IsAny<It.IsAnyType>(), It.IsAny<Exception?>(), It.IsAny<Func<It.IsAnyType, Exception?, string>>()),
            Times.Never);
    }

    [Fact]
    public async Task Cancelling_waiting_requests_does_not_disturb_the_one_under_way()
    {
        await using var engine = new InferenceEngine(_model, new() { BatchSize = 4096, MaxParallelRequests = 1 });
        Generation Start(int first) => engine.Generate(new() { Prompt = [first, .. Enumerable.Range(0, 3000).Select(i => 1000 + (i % 500))], MaxTokens = 1 });
        Generation alone = Start(1);
        await TokensAsync(alone);

        Generation disturbed = Start(2);
        Task<List<int>> reading = TokensAsync(disturbed);
        int cancelled = 0;
        while (!reading.IsCompleted)
        {
            using var cancellation = new CancellationTokenSource();
            Task<List<int>> waiting = TokensAsync(engine.Generate(Ask("Hello!"), cancellation.Token));
            await cancellation.CancelAsync();
            try
            {
                await waiting;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        Assert.True(cancelled > 0);
        Assert.True(disturbed.Result.PromptTime < alone.Result.PromptTime * 5, $"{disturbed.Result.PromptTime} where {alone.Result.PromptTime} is enough");
    }

    [Fact]
    public async Task A_failure_is_the_requests_own_also_where_the_logger_fails_too()
    {
        var clock = new Mock<TimeProvider> { CallBase = true };
        bool fails = false;
        clock.Setup(c => c.GetTimestamp()).Returns(() => fails ? throw new InvalidOperationException("no time") : 1);
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger.Setup(l => l.Log(It.IsAny<LogLevel>(), It.IsAny<EventId>(), It.IsAny<It.IsAnyType>(), It.IsAny<Exception?>(), It.IsAny<Func<It.IsAnyType, Exception?, string>>()))
            .Throws(new IOException("disk full"));
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        await using var engine = new InferenceEngine(_model, new() { TimeProvider = clock.Object, LoggerFactory = factory.Object });

        Generation generation = engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy, MaxTokens = 4000 });
        var exception = await Assert.ThrowsAsync<LlamaException>(async () =>
        {
            await foreach (int token in generation)
            {
                fails = true;
            }
        });
        fails = false;

        Assert.Contains("no time", exception.ToString());
        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
    }

    [Fact]
    public async Task Cancelling_between_tokens_leaves_the_engine_as_it_was()
    {
        await using var engine = new InferenceEngine(_model);
        string expected = await ReadAsync(engine.Generate(Ask("What is the weather in Paris?")));
        for (int after = 0; after < 8; after++)
        {
            using var cancellation = new CancellationTokenSource();
            int seen = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (int token in engine.Generate(new() { Prompt = Prompt("How are you?"), Sampling = s_greedy }, cancellation.Token))
                {
                    if (seen++ == after)
                    {
                        await cancellation.CancelAsync();
                    }
                }
            });

            Assert.Equal(expected, await ReadAsync(engine.Generate(Ask("What is the weather in Paris?"))));
        }
    }

    [Fact]
    public async Task A_waiting_request_is_let_go_at_once_when_cancelled()
    {
        await using var engine = new InferenceEngine(_model);
        using Generation busy = engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy });
        using var cancellation = new CancellationTokenSource();
        Task<List<int>> waiting = TokensAsync(engine.Generate(Ask("Hello!"), cancellation.Token));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_token_cancelled_before_starts_nothing()
    {
        await using var engine = new InferenceEngine(_model);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TokensAsync(engine.Generate(Ask("Hello!"), new CancellationToken(canceled: true))));
        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
    }

    [Fact]
    public async Task A_generation_that_is_stopped_has_a_result_up_to_there()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!"));
        Assert.Throws<InvalidOperationException>(() => generation.Stop());
        await using IAsyncEnumerator<int> tokens = generation.GetAsyncEnumerator();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(await tokens.MoveNextAsync());
        }

        GenerationResult result = generation.Stop();

        Assert.Equal((FinishReason.Stop, 3, Prompt("Hello!").Length), (result.FinishReason, result.GeneratedTokens, result.PromptTokens));
        Assert.True(result.PromptTime > TimeSpan.Zero && result.GenerationTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task Leaving_the_enumeration_cancels()
    {
        await using var engine = new InferenceEngine(_model);
        Generation left = engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy });
        await foreach (int token in left)
        {
            break;
        }

        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
        Assert.Throws<InvalidOperationException>(() => left.Result);
        await Assert.ThrowsAsync<InvalidOperationException>(() => TokensAsync(left));
    }

    [Fact]
    public async Task Waiting_requests_are_served_in_the_order_in_which_they_came()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 1 });
        string[] questions = ["Hello!", "What is the weather in Paris?", "Goodbye!", "Who are you?"];
        Generation[] generations = [.. questions.Select(question => engine.Generate(Ask(question)))];
        string[] together = await Task.WhenAll(generations.Select(ReadAsync));

        Assert.Equal(generations.Select(g => g.Result.QueueTime).Order(), generations.Select(g => g.Result.QueueTime));
        for (int i = 0; i < questions.Length; i++)
        {
            Assert.Equal(await ReadAsync(engine.Generate(Ask(questions[i]))), together[i]);
        }
    }

    [Fact]
    public async Task Disposing_ends_what_is_under_way_and_what_waits()
    {
        var engine = new InferenceEngine(_model);
        Task<List<int>> running = TokensAsync(engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy }));
        Task<List<int>> waiting = TokensAsync(engine.Generate(Ask("Hello!")));

        await engine.DisposeAsync();
        engine.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => engine.Generate(Ask("Hello!")));
    }

    [Fact]
    public async Task An_engine_outlives_the_disposal_of_its_model()
    {
        LlamaModel model = LlamaModel.Load(NanoModels.Instruct);
        await using var engine = new InferenceEngine(model);
        int[] prompt = Prompt("Hello!");
        model.Dispose();

        Assert.NotEmpty(await TokensAsync(engine.Generate(new() { Prompt = prompt, Sampling = s_greedy, StopTokens = [EndOfTurn], MaxTokens = 50 })));
    }

    [Fact]
    public async Task Generating_a_token_allocates_little()
    {
        await using var engine = new InferenceEngine(_model);
        await TokensAsync(engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy, MaxTokens = 200 }));
        long before = GC.GetTotalAllocatedBytes(precise: true);

        await TokensAsync(engine.Generate(new() { Prompt = Prompt("Hello!"), Sampling = s_greedy, MaxTokens = 1000 }));

        long perToken = (GC.GetTotalAllocatedBytes(precise: true) - before) / 1000;
        Assert.True(perToken <= 300, $"{perToken} bytes a token");
    }

    private static int SharedLength(int[] left, int[] right) => left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();

    private static async Task<List<int>> TokensAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (int token in generation)
        {
            tokens.Add(token);
        }

        return tokens;
    }

    private async Task<string> ReadAsync(Generation generation) => _model.Tokenizer.Decode(await TokensAsync(generation));

    private int[] Prompt(string question) => _model.Tokenizer.Encode(
        $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All);

    private GenerationRequest Ask(string question, SamplingOptions? sampling = null, int? maxTokens = 100) => new()
    {
        Prompt = Prompt(question),
        Sampling = sampling ?? s_greedy,
        StopTokens = [EndOfTurn],
        MaxTokens = maxTokens,
    };
}
