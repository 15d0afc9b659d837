namespace Qwen3.LlamaCpp.Tests.Sampling;

public sealed class GrammarTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private readonly Tokenizer _tokenizer = fixture.Model.Tokenizer;

    [Theory]
    [InlineData("a", false)]
    [InlineData("ab", true)]
    [InlineData("abb", true)]
    [InlineData("abc", false)]
    [InlineData("", false)]
    [InlineData("aé界", true)]
    [InlineData("a<|im_end|>", true)]
    [InlineData("a</s>", true)]
    [InlineData("a\0", false)]
    public void Accepts_the_whole_text_no_more_and_no_less(string text, bool accepted)
    {
        var grammar = new Grammar("root ::= \"a\" ([b-bé界] | \"<|im_end|>\" | \"</s>\")+", _tokenizer);
        Assert.Equal(accepted, grammar.Accepts(text));
    }
}
