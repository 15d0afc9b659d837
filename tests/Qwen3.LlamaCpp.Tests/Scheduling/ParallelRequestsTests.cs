namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class ParallelRequestsTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    // Small talk that the nano model knows: where it is at a loss, two tokens are almost equally likely, and the last bits of the sums,
    // which depend on what else is in a step, decide between them.
    private static readonly string[] s_questions =
        ["Hello!", "Who are you?", "Goodbye!", "Thanks!", "How are you?", "What can you do?", "Which is larger, 12 or 7?", "My name is Anna."];

    private readonly LlamaModel _model = fixture.Model;

    [Fact]
    public async Task Answers_at_the_same_time_are_those_given_alone()
    {
        string[] alone = await AnswersAloneAsync();
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 8 });
        string[] together = await Task.WhenAll(s_questions.Select(question => ReadAsync(engine.Generate(Ask(question)))));
        Assert.Equal(alone, together);
    }

    [Fact]
    public async Task Cancelling_any_of_them_at_any_moment_leaves_the_others_as_they_are()
    {
        const int Seed = 11, Rounds = 150;
        var random = new Random(Seed);
        string[] alone = await AnswersAloneAsync();
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 4, ContextSize = 256 });
        for (int round = 0; round < Rounds; round++)
        {
            Task[] readers = [.. Enumerable.Range(0, random.Next(1, 9)).Select(async _ =>
            {
                int question = random.Next(s_questions.Length);
                int cancelAfter = random.Next(3) == 0 ? random.Next(12) : int.MaxValue;
                using var cancellation = new CancellationTokenSource();
                var tokens = new List<int>();
                try
                {
                    await foreach (int token in engine.Generate(Ask(s_questions[question]), cancellation.Token))
                    {
                        if (tokens.Count == cancelAfter)
                        {
                            await cancellation.CancelAsync();
                        }

                        tokens.Add(token);
                    }

                    Assert.Equal(alone[question], _model.Tokenizer.Decode(tokens));
                }
                catch (OperationCanceledException) when (cancelAfter < int.MaxValue)
                {
                    Assert.StartsWith(_model.Tokenizer.Decode(tokens), alone[question]);
                }
            })];
            try
            {
                await Task.WhenAll(readers);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {e}");
            }
        }
    }

    [Fact]
    public async Task A_prefix_that_many_share_is_computed_once()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 4 });
        string system = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"Rule {i}."));
        int[] prefix = _model.Tokenizer.Encode($"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n", SpecialTokens.All);
        int[] Prompt(int agent) => [.. prefix, .. _model.Tokenizer.Encode($"I am agent {agent}<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All)];
        Generation[] together = [.. Enumerable.Range(0, 10).Select(agent => engine.Generate(new() { Prompt = Prompt(agent), MaxTokens = 4 }))];
        await Task.WhenAll(together.Select(TokensAsync));

        Assert.True(prefix.Length > 1000);
        Assert.Single(together, generation => generation.Result.CachedTokens < prefix.Length);
        Assert.True(together.Sum(generation => generation.Result.PromptTokens - generation.Result.CachedTokens) < prefix.Length + (10 * 20));

        Generation later = engine.Generate(new() { Prompt = Prompt(10), MaxTokens = 4 });
        await TokensAsync(later);
        Assert.True(later.Result.CachedTokens >= prefix.Length);
    }

    [Fact]
    public async Task A_short_request_does_not_wait_for_a_long_prompt()
    {
        await using var engine = new InferenceEngine(_model, new() { BatchSize = 32 });
        Generation longOne = engine.Generate(new() { Prompt = [.. Enumerable.Range(0, 2000).Select(i => 1000 + (i % 700))], MaxTokens = 1 });
        Task longTask = TokensAsync(longOne);
        await TokensAsync(engine.Generate(Ask("Hello!", maxTokens: 2)));
        Assert.False(longTask.IsCompleted);
        await longTask;
    }

    [Fact]
    public async Task Where_the_cache_is_too_small_for_all_the_youngest_wait_and_nothing_is_lost()
    {
        // Each takes up to 200 of the 256 tokens.
        int[] Prompt(int number) => [.. Enumerable.Range(0, 150).Select(i => 1000 + (((i * 7) + (number * 13)) % 900))];
        GenerationRequest Request(int number) => new() { Prompt = Prompt(number), Sampling = new() { Temperature = 0 }, MaxTokens = 50 };
        await using var wide = new InferenceEngine(_model, new() { MaxParallelRequests = 1 });
        await using var narrow = new InferenceEngine(_model, new() { MaxParallelRequests = 4, ContextSize = 256 });
        Generation[] together = [.. Enumerable.Range(0, 6).Select(number => narrow.Generate(Request(number)))];
        List<int>[] answers = await Task.WhenAll(together.Select(TokensAsync));

        for (int number = 0; number < 6; number++)
        {
            Assert.Equal(50, answers[number].Count);
            Assert.Equal(FinishReason.Length, together[number].Result.FinishReason);
            Assert.Equal(await TokensAsync(wide.Generate(Request(number))), answers[number]);
        }
    }

    [Fact]
    public async Task Where_one_has_to_wait_those_behind_it_do_not_overtake_it()
    {
        int[] Prompt(int first, int length) => [.. Enumerable.Range(0, length).Select(i => 1000 + (((i * 7) + (first * 13)) % 900))];
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 4, ContextSize = 512 });
        var ended = new List<string>();
        async Task RunAsync(string name, int[] prompt, int tokens)
        {
            await TokensAsync(engine.Generate(new() { Prompt = prompt, Sampling = new() { Temperature = 0 }, MaxTokens = tokens }));
            lock (ended)
            {
                ended.Add(name);
            }
        }

        await Task.WhenAll(RunAsync("long", Prompt(1, 200), 100), RunAsync("large", Prompt(2, 350), 1), RunAsync("small", Prompt(3, 8), 1));
        // Afterwards the other two are computed together.
        Assert.Equal("long", ended[0]);
    }

    [Fact]
    public async Task One_client_that_cancels_again_and_again_does_not_keep_another_from_its_prompt()
    {
        await using var engine = new InferenceEngine(_model);
        int[] prompt = [.. Enumerable.Range(0, 3000).Select(i => 1000 + (i % 700))];
        Generation patient = engine.Generate(new() { Prompt = prompt, MaxTokens = 1 });
        Task reading = TokensAsync(patient);
        int cancelled = 0;
        while (!reading.IsCompleted)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
            try
            {
                await TokensAsync(engine.Generate(new() { Prompt = [7, .. prompt], MaxTokens = 100 }, cancellation.Token));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }

            Assert.True(cancelled < 1000);
        }

        await reading;
    }

    [Fact]
    public async Task What_a_caller_does_with_its_lists_afterwards_changes_nothing()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 1 });
        Generation first = engine.Generate(Ask("Hello!"));
        List<int> prompt = [.. Ask("Hello!").Prompt], stops = [.. Ask("Hello!").StopTokens];
        var biases = new Dictionary<int, float> { [5] = -1 };
        Generation second = engine.Generate(new() { Prompt = prompt, StopTokens = stops, Sampling = new() { Temperature = 0, LogitBias = biases }, MaxTokens = 40 });
        prompt.Clear();
        stops.Clear();
        biases[-7] = float.NaN;
        Assert.Equal(await ReadAsync(first), await ReadAsync(second));
        Assert.Equal(FinishReason.Stop, second.Result.FinishReason);
    }

    [Fact]
    public async Task What_was_of_use_last_stays_in_the_cache_longest()
    {
        await using var engine = new InferenceEngine(_model, new() { ContextSize = 1024 });
        int[] Prompt(int number) => [.. Enumerable.Range(0, 300).Select(i => 1000 + (((i * 7) + (number * 13)) % 900))];
        async Task<int> CachedAsync(int number)
        {
            Generation generation = engine.Generate(new() { Prompt = Prompt(number), MaxTokens = 1 });
            await TokensAsync(generation);
            return generation.Result.CachedTokens;
        }

        Assert.Equal(0, await CachedAsync(0));
        Assert.Equal(0, await CachedAsync(1));
        Assert.Equal(0, await CachedAsync(2));
        Assert.Equal(299, await CachedAsync(0));
        // Room for this one is made at the cost of 1, which is the oldest now.
        Assert.Equal(0, await CachedAsync(3));
        Assert.Equal(299, await CachedAsync(0));
        Assert.Equal(299, await CachedAsync(2));
        Assert.InRange(await CachedAsync(1), 0, 100);
    }

    [Fact]
    public async Task More_requests_than_may_wait_are_refused()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 1, MaxQueuedRequests = 2 });
        List<Generation> taken = [];
        var exception = Assert.Throws<RequestQueueFullException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                taken.Add(engine.Generate(Ask("Hello!")));
            }
        });

        Assert.Equal(2, exception.MaxQueuedRequests);
        Assert.Contains("MaxQueuedRequests", exception.Message);
        string[] answers = await Task.WhenAll(taken.Select(ReadAsync));
        Assert.Single(answers.Distinct());
        Assert.NotEmpty(await ReadAsync(engine.Generate(Ask("Hello!"))));
    }

    private static async Task<List<int>> TokensAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (int token in generation)
        {
            tokens.Add(token);
        }

        return tokens;
    }

    private async Task<string[]> AnswersAloneAsync()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 1 });
        var answers = new List<string>();
        foreach (string question in s_questions)
        {
            answers.Add(await ReadAsync(engine.Generate(Ask(question))));
        }

        return [.. answers];
    }

    private async Task<string> ReadAsync(Generation generation) => _model.Tokenizer.Decode(await TokensAsync(generation));

    private GenerationRequest Ask(string question, int? maxTokens = 40) => new()
    {
        Prompt = _model.Tokenizer.Encode($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All),
        Sampling = new() { Temperature = 0 },
        StopTokens = [_model.Tokenizer.GetSpecialTokenId("<|im_end|>")],
        MaxTokens = maxTokens,
    };
}
