using CsCheck;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Prompts;

/// <summary>Prompts that are tokenized in chunks.</summary>
public sealed class PromptTokenizerTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const int LargeContext = 10_000_000;

    private static readonly string[] s_words =
    [
        "The ", "quick", " brown", "fox's", "12345", "3.14", "\n", "\n\n", "\r\n", "  ", "\t", " ", "!!!", "...\n", "(x)", "\"", "é", "e\u0301", "東京", "。",
        "、日本", "«", "»", "😀", "\u200d", "\u0301", "<think>", "</tool_call>", "<|im_end|>", "\u00a0", "\u3000", "कि", "العربية", "1️⃣", "'ll", "\ud83d", "²",
    ];

    [Fact]
    public void Chunks_give_the_ids_of_the_whole_prompt() =>
        Gen.Int[0, s_words.Length - 1].Select(i => s_words[i]).Array[50, 200].Sample(
            words =>
            {
                // Long enough for several chunks, wherever they end.
                string text = string.Concat(Enumerable.Repeat(string.Concat(words), (60_000 / string.Concat(words).Length) + 1));
                Qwen3Prompt prompt = Qwen3Prompt.Create(
                    Qwen3Variant.Instruct,
                    [new(ChatRole.System, text), .. Enumerable.Range(0, 1500).Select(i => new ChatMessage(ChatRole.User, "Hi")), new(ChatRole.User, text)]);
                Assert.Equal(prompt.Tokenize(models.Tokenizer), prompt.Tokenize(new PromptTokenizer(models.Tokenizer, LargeContext), default));
            },
            iter: 20,
            threads: 1);

    [Theory]
    [InlineData("word ")]
    [InlineData("東京、")]
    [InlineData("a")]
    [InlineData("東")]
    [InlineData("!")]
    [InlineData("e\u0301")]
    [InlineData("<think>")]
    [InlineData("1")]
    public void A_text_that_is_far_too_long_is_refused_before_all_of_it_is_tokenized(string piece)
    {
        Qwen3Prompt prompt = Qwen3Prompt.Create(
            Qwen3Variant.Instruct, [new(ChatRole.User, string.Concat(Enumerable.Repeat(piece, 4_000_000 / piece.Length)))]);
        var tokenizer = new PromptTokenizer(models.Tokenizer, 4096);
        var e = Assert.Throws<ContextLengthException>(() => prompt.Tokenize(tokenizer, default));
        Assert.Contains("at least", e.Message);
        Assert.InRange(e.PromptTokens, 4096, 200_000);
    }

    [Fact]
    public void A_text_that_is_a_little_too_long_is_refused_with_its_exact_length()
    {
        Qwen3Prompt prompt = Qwen3Prompt.Create(Qwen3Variant.Instruct, [new(ChatRole.User, string.Concat(Enumerable.Repeat("word ", 5000)))]);
        int expected = prompt.Tokenize(models.Tokenizer).Count;
        Assert.Equal(expected, prompt.Tokenize(new PromptTokenizer(models.Tokenizer, expected + 1), default).Count);
        var e = Assert.Throws<ContextLengthException>(() => prompt.Tokenize(new PromptTokenizer(models.Tokenizer, expected), default));
        Assert.Equal((expected, expected), (e.PromptTokens, e.ContextSize));
        Assert.DoesNotContain("at least " + expected + " tokens", e.Message);
    }

    [Fact]
    public void Tokenization_is_cancelled()
    {
        Qwen3Prompt prompt = Qwen3Prompt.Create(Qwen3Variant.Instruct, [new(ChatRole.User, "Hi")]);
        Assert.Throws<OperationCanceledException>(() => prompt.Tokenize(new PromptTokenizer(models.Tokenizer, 4096), new(canceled: true)));
    }
}
