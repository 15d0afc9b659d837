using Qwen3.LlamaCpp.Execution;
using Qwen3.LlamaCpp.Sampling;

namespace Qwen3.LlamaCpp.Tests.Execution;

public sealed class OutputWriterTests
{
    private const int Stop = 99, End = 50;

    [Fact]
    public void A_sampled_token_is_emitted_and_the_answer_goes_on()
    {
        using EngineRequest request = Request(new Script(7));
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal([7], request.Answer.ToArray());
    }

    [Fact]
    public void A_stop_token_ends_the_answer_without_being_emitted()
    {
        using EngineRequest request = Request(new Script(7, Stop));
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal(FinishReason.Stop, OutputWriter.Write(request));
        Assert.Equal([7], request.Answer.ToArray());
    }

    [Fact]
    public void The_token_limit_ends_the_answer_with_its_last_token()
    {
        using EngineRequest request = Request(new Script(7, 8), maxTokens: 2);
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal(FinishReason.Length, OutputWriter.Write(request));
        Assert.Equal([7, 8], request.Answer.ToArray());
    }

    [Fact]
    public void Forced_tokens_are_emitted_without_being_sampled()
    {
        var script = new Script(7) { Forced = { [0] = [1, 2], [3] = [3, 4] } };
        using EngineRequest request = Request(script);
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal([1, 2], request.Answer.ToArray());
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal([1, 2, 7, 3, 4], request.Answer.ToArray());
        Assert.Equal(1, script.Sampled);
    }

    [Fact]
    public void Forced_tokens_stop_at_the_token_limit()
    {
        using EngineRequest request = Request(new Script { Forced = { [0] = [1, 2, 3, 4] } }, maxTokens: 3);
        Assert.Equal(FinishReason.Length, OutputWriter.Write(request));
        Assert.Equal([1, 2, 3], request.Answer.ToArray());
    }

    [Fact]
    public void A_spent_budget_closes_the_section_in_the_models_place()
    {
        using EngineRequest request = Request(new Script(1, 2, 3), limit: new() { EndToken = End, MaxTokens = 2, Closing = [40, End] });
        Assert.Null(OutputWriter.Write(request));
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal([1, 2, 40, End], request.Answer.ToArray());
        Assert.Equal(ThinkingEnd.Budget, request.Generation.ThinkingEnd);
        Assert.Null(OutputWriter.Write(request));
        Assert.Equal([1, 2, 40, End, 3], request.Answer.ToArray());
    }

    [Fact]
    public void A_section_that_the_model_ends_is_left_alone()
    {
        using EngineRequest request = Request(new Script(1, End, 3), limit: new() { EndToken = End, MaxTokens = 2, Closing = [40, End] });
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(OutputWriter.Write(request));
        }

        Assert.Equal([1, End, 3], request.Answer.ToArray());
        Assert.Equal(ThinkingEnd.Model, request.Generation.ThinkingEnd);
    }

    [Fact]
    public void A_grammar_that_allows_nothing_more_ends_the_answer()
    {
        using EngineRequest request = Request(new Script(7) { FinalAfter = 1 });
        Assert.Equal(FinishReason.Stop, OutputWriter.Write(request));
        Assert.Equal([7], request.Answer.ToArray());
        using EngineRequest empty = Request(new Script { FinalAfter = 0 });
        Assert.Equal(FinishReason.Stop, OutputWriter.Write(empty));
        Assert.Empty(empty.Answer.ToArray());
    }

    private static EngineRequest Request(Script script, int maxTokens = 100, ThinkingLimit? limit = null) => new(
        new(new() { Prompt = [5], ThinkingLimit = limit }, maxTokens, _ => { }, TimeProvider.System, CancellationToken.None), script);

    /// <summary>A model whose tokens are written down.</summary>
    private sealed class Script(params int[] tokens) : ITokenSampler
    {
        private int _length;

        public Dictionary<int, int[]> Forced { get; } = [];

        public int FinalAfter { get; init; } = int.MaxValue;

        public int Sampled { get; private set; }

        public bool IsFinal => _length >= FinalAfter;

        public int Sample(int output)
        {
            _length++;
            return tokens[Sampled++];
        }

        public ReadOnlySpan<int> FindForced(ReadOnlySpan<int> answer) => Forced.GetValueOrDefault(answer.Length);

        public bool IsStop(int token) => token == Stop;

        public void Accept(int token) => _length++;

        public void Dispose()
        {
        }
    }
}
