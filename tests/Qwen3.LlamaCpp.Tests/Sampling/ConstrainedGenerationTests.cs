using System.Diagnostics;
using System.Text.Json;

namespace Qwen3.LlamaCpp.Tests.Sampling;

public sealed class ConstrainedGenerationTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private const string Person = """
        root ::= "{\"name\": \"" [A-Za-z ]{1,20} "\", \"age\": " [1-9] [0-9]? ", \"likes\": [" ( "\"" [^"\\\x00-\x1F]{0,12} "\"" ( ", \"" [^"\\\x00-\x1F]{0,12} "\"" ){0,3} )? "]}"
        """;

    private readonly LlamaModel _model = fixture.Model;

    [Fact]
    public async Task An_answer_is_what_the_grammar_says_whatever_the_model_would_like()
    {
        const uint Seeds = 16;
        var grammar = new Grammar(Person, _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 8, Threads = 1 });
        string[] answers = await Task.WhenAll(Enumerable.Range(0, (int)Seeds).Select(async seed =>
        {
            // Without top-k at a high temperature nearly every draw is nonsense.
            Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = (uint)seed }, grammar));
            string answer = await ReadAsync(generation);
            Assert.Equal(FinishReason.Stop, generation.Result.FinishReason);
            return answer;
        }));

        Assert.All(answers, answer => Assert.True(grammar.Accepts(answer), answer));
        Assert.All(answers, answer => Assert.Equal(3, JsonDocument.Parse(answer).RootElement.EnumerateObject().Count()));
        Assert.True(answers.Distinct().Count() > Seeds / 2);
    }

    [Fact]
    public async Task A_grammar_that_the_model_agrees_with_changes_nothing()
    {
        await using var engine = new InferenceEngine(_model, new() { MaxParallelRequests = 1, Threads = 1 });
        string free = await ReadAsync(engine.Generate(Ask("Who are you?", new() { Temperature = 0 })));
        string constrained = await ReadAsync(engine.Generate(Ask("Who are you?", new() { Temperature = 0 }, new("root ::= [^{]*", _model.Tokenizer))));
        Assert.NotEmpty(free);
        Assert.Equal(free, constrained);
    }

    [Fact]
    public async Task Where_nothing_can_follow_the_answer_ends_at_once()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 0 }, new("root ::= \"Yes\" | \"No\"", _model.Tokenizer), stops: false));
        Assert.Contains(await ReadAsync(generation), (string[])["Yes", "No"]);
        Assert.Equal(FinishReason.Stop, generation.Result.FinishReason);
        Assert.Equal(1, generation.Result.GeneratedTokens);
    }

    [Fact]
    public async Task An_answer_does_not_end_before_its_grammar_does()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        string answer = await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 0 }, new("root ::= ([a-zA-Z!?,. ]){200} \"\\n\"", _model.Tokenizer))));
        Assert.Equal(201, answer.Length);
        Assert.EndsWith("\n", answer);
    }

    [Fact]
    public async Task A_grammar_and_biases_that_leave_nothing_fail_that_request_alone()
    {
        int[] digits = [.. Enumerable.Range(0, _model.Tokenizer.VocabularySize).Where(token => _model.Tokenizer.Decode([token]) == "7")];
        SamplingOptions biased = new() { LogitBias = digits.ToDictionary(token => token, _ => float.NegativeInfinity) };
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation good = engine.Generate(Ask("Hello!", new() { Temperature = 0 }));
        Generation bad = engine.Generate(Ask("Hello!", biased, new("root ::= \"7\"", _model.Tokenizer)));
        var exception = await Assert.ThrowsAsync<LlamaException>(() => ReadAsync(bad));
        Assert.Contains("logit biases", exception.Message);
        Assert.StartsWith("Hello", await ReadAsync(good));
    }

    [Fact]
    public async Task A_grammar_that_holds_others_up_ends_its_request_alone()
    {
        var grammar = new Grammar("root ::= ( .{0,1900} .{0,1900} [a-z] ){0,50}", _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation good = engine.Generate(Ask("Hello!", new() { Temperature = 0 }));
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 3; i++)
        {
            Generation bad = engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = 1 }, grammar));
            Assert.Contains("alternatives", (await Assert.ThrowsAsync<GrammarComplexityException>(() => ReadAsync(bad))).Message);
        }

        Assert.StartsWith("Hello", await ReadAsync(good));
        Assert.StartsWith("Hello", await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 0 }))));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task An_answer_that_has_to_be_empty_is()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new(), new("root ::= \"\"", _model.Tokenizer), stops: false));
        Assert.Empty(await TokensAsync(generation));
        Assert.Equal(FinishReason.Stop, generation.Result.FinishReason);
    }

    [Fact]
    public async Task Thinking_is_closed_at_its_budget_and_the_answer_goes_on()
    {
        int end = _model.Tokenizer.GetSpecialTokenId("</think>");
        int[] closing = [.. _model.Tokenizer.Encode("\n\nEnough.\n"), end, .. _model.Tokenizer.Encode("\n\n")];
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        // Without the budget the answer's words are the thinking.
        var limit = new ThinkingLimit { EndToken = end, MaxTokens = 3, Closing = closing };
        Generation generation = engine.Generate(Ask("Who are you?", new() { Temperature = 0 }, limit: limit));
        List<int> tokens = await TokensAsync(generation);
        Assert.Equal(closing, tokens.Skip(3).Take(closing.Length));
        Assert.Equal(3, tokens.IndexOf(end) - Array.IndexOf(closing, end));
        Assert.True(tokens.Count > 3 + closing.Length);
        Assert.Equal(ThinkingEnd.Budget, generation.ThinkingEnd);
        Assert.Equal(ThinkingEnd.Budget, generation.Result.ThinkingEnd);

        // The closing is computed with the next step, and what follows is as if the model had written it.
        GenerationRequest same = Ask("Who are you?", new() { Temperature = 0 });
        same = new() { Prompt = [.. same.Prompt, .. tokens.Take(3 + closing.Length)], Sampling = same.Sampling, StopTokens = same.StopTokens, MaxTokens = 60 };
        Assert.Equal(await TokensAsync(engine.Generate(same)), tokens.Skip(3 + closing.Length));
    }

    [Fact]
    public async Task Thinking_that_the_model_ends_itself_is_left_alone()
    {
        int begin = _model.Tokenizer.GetSpecialTokenId("<think>"), end = _model.Tokenizer.GetSpecialTokenId("</think>");
        var limit = new ThinkingLimit { StartToken = begin, EndToken = end, MaxTokens = 5, Closing = [end] };
        var grammar = new Grammar("root ::= <think> \"Hm\" </think> \"A long answer of many tokens, with a second part.\"", _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 0 }, grammar, limit));
        Assert.EndsWith("second part.", await ReadAsync(generation));
        Assert.Equal(ThinkingEnd.Model, generation.Result.ThinkingEnd);

        generation = engine.Generate(Ask("Hello!", new() { Temperature = 0 }, limit: limit));
        Assert.DoesNotContain(end, await TokensAsync(generation));
        Assert.Equal(ThinkingEnd.None, generation.Result.ThinkingEnd);
    }

    [Fact]
    public async Task Thinking_that_goes_in_circles_is_ended()
    {
        int end = _model.Tokenizer.GetSpecialTokenId("</think>");
        int[] words = _model.Tokenizer.Encode(" seven eight nine ten");
        // Whoever likes these words that much says them again and again.
        var sampling = new SamplingOptions { Temperature = 0, LogitBias = words.ToDictionary(word => word, _ => 1000f) };
        var limit = new ThinkingLimit { EndToken = end, Closing = [end] };
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", sampling, limit: limit, maxTokens: 400));
        List<int> tokens = await TokensAsync(generation);
        Assert.InRange(tokens.IndexOf(end), 256, 320);
        Assert.Single(tokens, end);
        Assert.Equal(ThinkingEnd.Repetition, generation.Result.ThinkingEnd);

        generation = engine.Generate(Ask("Hello!", sampling, limit: limit with { EndsRepetition = false }, maxTokens: 400));
        Assert.DoesNotContain(end, await TokensAsync(generation));
        Assert.Equal(ThinkingEnd.None, generation.Result.ThinkingEnd);
    }

    [Fact]
    public async Task A_closing_that_the_grammar_does_not_have_fails_the_request()
    {
        int end = _model.Tokenizer.GetSpecialTokenId("</think>");
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(
            Ask("Hello!", new() { Temperature = 0 }, new("root ::= [^{]*", _model.Tokenizer), new() { EndToken = end, MaxTokens = 2, Closing = [end] }));
        Assert.Contains($"{end}", (await Assert.ThrowsAsync<LlamaException>(() => ReadAsync(generation))).Message);
    }

    [Fact]
    public async Task A_closing_ends_with_the_limit_of_the_answer()
    {
        int end = _model.Tokenizer.GetSpecialTokenId("</think>");
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Who are you?", new() { Temperature = 0 }, limit: new() { EndToken = end, MaxTokens = 2, Closing = [1, 2, 3, end] }, maxTokens: 4));
        List<int> tokens = await TokensAsync(generation);
        Assert.Equal([1, 2], tokens.Skip(2));
        Assert.Equal(FinishReason.Length, generation.Result.FinishReason);
    }

    [Fact]
    public async Task Values_outside_their_range_are_refused_by_name()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        void Refuses(ThinkingLimit limit, string name) =>
            Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => engine.Generate(Ask("Hello!", new(), limit: limit))).Message);
        Refuses(new() { EndToken = 5, Closing = [6] }, "Closing");
        Refuses(new() { EndToken = 5, Closing = [5], MaxTokens = 0 }, "MaxTokens");
        Refuses(new() { EndToken = -1, Closing = [-1] }, "-1");
        Assert.Contains("999999", Assert.ThrowsAny<ArgumentException>(() => engine.Generate(new() { Prompt = [1], StopTokens = [999999] })).Message);
    }

    [Theory]
    [InlineData("{\"name\": \"Weather_GetWeather\", \"arguments\": {\"city\": \"Hanoi\"}}")]
    [InlineData("Xin chào, thế giới! 你好 🎉🎉 and\n\n  an end.")]
    [InlineData("e\u0301 is two characters, and A\u030A too")]
    [InlineData("7")]
    public async Task What_a_grammar_leaves_no_choice_about_is_written_in_the_tokens_that_the_model_has_learnt(string text)
    {
        string literal = $"\"{text.Replace("\"", "\\\"").Replace("\n", "\\n")}\"";
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = 1 }, new($"root ::= {literal}", _model.Tokenizer), stops: false));
        List<int> tokens = await TokensAsync(generation);
        Assert.Equal(text, _model.Tokenizer.Decode(tokens));
        Assert.Equal(FinishReason.Stop, generation.Result.FinishReason);
        Assert.Equal(tokens.Count, generation.Result.GeneratedTokens);
        if (text.IsNormalized())
        {
            Assert.Equal(_model.Tokenizer.Encode(text), tokens);
        }
    }

    [Theory]
    [InlineData("GetString", "GetStreamingResponse")]
    [InlineData("FileName", "FileNotFoundException")]
    [InlineData("Action", "ActiveRequest")]
    public async Task A_word_that_begins_like_another_can_be_written_in_its_own_token(string word, string other)
    {
        int[] whole = _model.Tokenizer.Encode($"{{\"name\": \"{word}\"}}");
        Assert.Contains(Assert.Single(_model.Tokenizer.Encode(word)), whole);
        var grammar = new Grammar($"root ::= \"{{\\\"name\\\": \\\"\" ( \"{word}\" | \"{other}\" ) \"\\\"}}\"", _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        var answers = new List<int[]>();
        for (uint seed = 1; seed <= 32; seed++)
        {
            answers.Add([.. await TokensAsync(engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = seed }, grammar, stops: false)))]);
        }

        Assert.Contains(answers, answer => answer.SequenceEqual(whole));
        int frame = whole.AsSpan().IndexOf(_model.Tokenizer.Encode(word)[0]);
        Assert.All(answers, answer => Assert.Equal(whole[..frame], answer[..frame]));
    }

    [Fact]
    public async Task Thinking_that_is_closed_amid_what_has_to_follow_goes_on_behind_it()
    {
        int end = _model.Tokenizer.GetSpecialTokenId("</think>");
        int[] digits = _model.Tokenizer.Encode("34567");
        var grammar = new Grammar("root ::= \"1234567\" </think> \"yes, it is\"", _model.Tokenizer);
        var limit = new ThinkingLimit { EndToken = end, MaxTokens = 2, Closing = [.. digits, end] };
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 0 }, grammar, limit, stops: false));
        Assert.Equal("1234567</think>yes, it is", await ReadAsync(generation));
        Assert.Equal(ThinkingEnd.Budget, generation.Result.ThinkingEnd);
    }

    [Fact]
    public async Task A_token_outside_the_vocabulary_is_none_to_draw()
    {
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new() { Temperature = 0 }, new("root ::= \"ab\" <[999999]>", _model.Tokenizer)));
        Assert.Contains("allows no token", (await Assert.ThrowsAsync<LlamaException>(() => ReadAsync(generation))).Message);
    }

    [Fact]
    public async Task After_a_choice_the_rest_of_a_word_is_written_as_the_whole_word_is()
    {
        string[] cities = ["Copenhagen", "Reykjavik", "Johannesburg", "Copper Mountain"];
        string choice = string.Join(" | ", cities.Select(city => $"\"{city}\""));
        var grammar = new Grammar($"root ::= \"The capital is \" ( {choice} ) \" (\" ( \"{{\" | \"{{{{\" ) \"right)\"", _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        for (uint seed = 1; seed <= 8; seed++)
        {
            string answer = await ReadAsync(engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = seed }, grammar, stops: false)));
            Assert.True(grammar.Accepts(answer), answer);
        }
    }

    [Fact]
    public async Task What_has_to_follow_counts_against_the_limit()
    {
        const string text = "one two three four five six seven eight nine ten";
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        Generation generation = engine.Generate(Ask("Hello!", new(), new($"root ::= \"{text}\"", _model.Tokenizer), stops: false, maxTokens: 4));
        Assert.Equal("one two three four", await ReadAsync(generation));
        Assert.Equal(FinishReason.Length, generation.Result.FinishReason);
        Generation endless = engine.Generate(Ask("Hello!", new(), new("root ::= \"ab\" root", _model.Tokenizer), stops: false, maxTokens: 500));
        Assert.Equal(500, (await TokensAsync(endless)).Count);
    }

    [Fact]
    public async Task Tags_that_must_come_are_tokens()
    {
        int open = _model.Tokenizer.GetSpecialTokenId("<tool_call>"), close = _model.Tokenizer.GetSpecialTokenId("</tool_call>");
        var grammar = new Grammar("root ::= <tool_call> \"\\n{\\\"name\\\": \\\"f\\\"}\\n\" </tool_call>", _model.Tokenizer);
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        List<int> tokens = await TokensAsync(engine.Generate(Ask("Hello!", new() { Temperature = 3, Seed = 1 }, grammar, stops: false)));
        Assert.Equal([open, .. _model.Tokenizer.Encode("\n{\"name\": \"f\"}\n"), close], tokens);
    }

    [Fact]
    public async Task A_bias_against_a_token_makes_another_spell_the_text()
    {
        int whole = Assert.Single(_model.Tokenizer.Encode("Hello"));
        SamplingOptions biased = new() { Temperature = 0, LogitBias = new Dictionary<int, float> { [whole] = float.NegativeInfinity } };
        await using var engine = new InferenceEngine(_model, new() { Threads = 1 });
        List<int> tokens = await TokensAsync(engine.Generate(Ask("Hello!", biased, new("root ::= \"Hello\"", _model.Tokenizer), stops: false)));
        Assert.Equal("Hello", _model.Tokenizer.Decode(tokens));
        Assert.DoesNotContain(whole, tokens);
    }

    private GenerationRequest Ask(
        string question, SamplingOptions sampling, Grammar? grammar = null, ThinkingLimit? limit = null, bool stops = true, int maxTokens = 300) => new()
    {
        Prompt = _model.Tokenizer.Encode($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All),
        Sampling = sampling,
        StopTokens = stops ? [_model.Tokenizer.GetSpecialTokenId("<|im_end|>")] : [],
        MaxTokens = maxTokens,
        Grammar = grammar,
        ThinkingLimit = limit,
    };

    private async Task<string> ReadAsync(Generation generation) => _model.Tokenizer.Decode(await TokensAsync(generation));

    private static async Task<List<int>> TokensAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (int token in generation)
        {
            tokens.Add(token);
        }

        return tokens;
    }
}
