namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class ParallelRequestsTests(SteadyPrompts prompts) : IClassFixture<SteadyPrompts>
{
    private readonly LlamaModel _model = prompts.Model;

    [Fact]
    public void What_else_is_computed_moves_predictions_little_and_most_answers_do_not_hang_on_it()
    {
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"Predictions moved by {prompts.Movement} at most; {prompts.Steady.Count} of {prompts.PoolSize} prompts are {SteadyPrompts.Safety} times as far " +
            "from another answer.");
        Assert.InRange(prompts.Movement, 0, 0.5f);
        Assert.InRange(prompts.Steady.Count, prompts.PoolSize / 3, prompts.PoolSize);
    }

    [Fact]
    public async Task Answers_at_the_same_time_are_those_given_alone()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 8 });
        List<int>[] together = await Task.WhenAll(prompts.Steady.Select(answer => TokensAsync(engine.Generate(Request(answer)))));
        Assert.Equal(prompts.Steady.Select(answer => answer.Tokens.ToList()), together);
    }

    [Fact]
    public async Task Cancelling_any_of_them_at_any_moment_leaves_the_others_as_they_are()
    {
        const int Seed = 11, Rounds = 2000;
        var random = new Random(Seed);
        var outcomes = new List<Outcome>();
        // Too small for three of the longer prompts, or for what was computed before, and with less in a step than one of them.
        await using var engine = new InferenceEngine(_model, new() { ContextSize = 256, BatchSize = 32, MaxParallelRequests = 3, Threads = 1 });
        for (int round = 0; round < Rounds; round++)
        {
            // A request's moment comes when it has got some number of its tokens, or has ended; others begin or are cancelled at it.
            TaskCompletionSource[] moments = new TaskCompletionSource[random.Next(1, 4)];
            for (int i = 0; i < moments.Length; i++)
            {
                moments[i] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            Task<Outcome>[] readers = [.. moments.Select((moment, i) => ReadAsync(
                engine,
                prompts.Steady[random.Next(prompts.Steady.Count)],
                start: i > 0 && random.Next(2) == 0 ? moments[random.Next(i)].Task : Task.CompletedTask,
                cancel: random.Next(6) switch { 0 => Task.CompletedTask, 1 or 2 => moments[random.Next(moments.Length)].Task, _ => null },
                moment,
                momentAt: random.Next(SteadyPrompts.AnswerTokens)))];
            try
            {
                outcomes.AddRange(await Task.WhenAll(readers));
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {e}");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{outcomes.Count} requests: {string.Join(", ", outcomes.CountBy(outcome => outcome))}");
        Assert.All(Enum.GetValues<Outcome>(), outcome => Assert.InRange(outcomes.Count(found => found == outcome), Rounds / 10, int.MaxValue));
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

    /// <summary>Reads an answer and holds it, or what there is of it when it is cancelled, against the one that is given alone.</summary>
    private async Task<Outcome> ReadAsync(
        InferenceEngine engine, GreedyAnswer answer, Task start, Task? cancel, TaskCompletionSource moment, int momentAt)
    {
        await start;
        var cancellation = new CancellationTokenSource();
        Generation generation = engine.Generate(Request(answer), cancellation.Token);
        _ = cancel?.ContinueWith(_ => cancellation.Cancel(), TaskScheduler.Default);
        var tokens = new List<int>();
        try
        {
            await foreach (int token in generation)
            {
                if (tokens.Count == momentAt)
                {
                    moment.TrySetResult();
                }

                tokens.Add(token);
            }

            Assert.Equal(answer.Tokens, tokens);
            return generation.Result.CachedTokens > 20 ? Outcome.AnsweredFromCache : Outcome.Answered;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Assert.Equal(answer.Tokens[..tokens.Count], tokens);
            return tokens.Count == 0 ? Outcome.CancelledBeforeItsAnswer : Outcome.CancelledInItsAnswer;
        }
        finally
        {
            moment.TrySetResult();
        }
    }

    private GenerationRequest Request(GreedyAnswer answer) => new()
    {
        Prompt = answer.Prompt,
        Sampling = new() { Temperature = 0 },
        StopTokens = [prompts.EndOfTurn],
        MaxTokens = SteadyPrompts.AnswerTokens,
    };

    private async Task<string> ReadAsync(Generation generation) => _model.Tokenizer.Decode(await TokensAsync(generation));

    private GenerationRequest Ask(string question, int? maxTokens = 40) => new()
    {
        Prompt = _model.Tokenizer.Encode($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All),
        Sampling = new() { Temperature = 0 },
        StopTokens = [_model.Tokenizer.GetSpecialTokenId("<|im_end|>")],
        MaxTokens = maxTokens,
    };

    private enum Outcome
    {
        Answered,
        AnsweredFromCache,
        CancelledBeforeItsAnswer,
        CancelledInItsAnswer,
    }
}
