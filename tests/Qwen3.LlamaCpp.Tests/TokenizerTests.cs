using System.Text;

namespace Qwen3.LlamaCpp.Tests;

public sealed class TokenizerTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private readonly Tokenizer _tokenizer = fixture.Model.Tokenizer;

    [Fact]
    public void Has_the_vocabulary_of_Qwen3() => Assert.Equal(151_936, _tokenizer.VocabularySize);

    [Theory]
    [InlineData("<|endoftext|>", 151643)]
    [InlineData("<|im_start|>", 151644)]
    [InlineData("<|im_end|>", 151645)]
    [InlineData("<tool_call>", 151657)]
    [InlineData("</think>", 151668)]
    public void Finds_special_tokens_by_their_text(string text, int id)
    {
        Assert.Equal(id, _tokenizer.GetSpecialTokenId(text));
        Assert.Equal([id], _tokenizer.Encode(text, SpecialTokens.All));
        Assert.Equal(text, _tokenizer.Decode([id]));
    }

    [Fact]
    public void A_special_token_that_the_vocabulary_lacks_is_named() =>
        Assert.Contains("<bos>", Assert.Throws<KeyNotFoundException>(() => _tokenizer.GetSpecialTokenId("<bos>")).Message);

    [Fact]
    public void Whole_prompts_are_tokenized_as_the_reference_does() => Assert.Equal(
        [151644, 872, 198, 9707, 151645, 198, 151644, 77091, 198, 151667, 198],
        _tokenizer.Encode("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n<think>\n", SpecialTokens.All));

    [Theory]
    [InlineData(SpecialTokens.None, 0)]
    [InlineData(SpecialTokens.UserDefined, 2)]
    [InlineData(SpecialTokens.All, 4)]
    public void Special_tokens_in_a_text_become_ids_only_where_they_may(SpecialTokens mode, int specialCount)
    {
        const string Text = "a<|im_end|>\n<tool_call>b</tool_call><|im_start|>c";
        int[] ids = _tokenizer.Encode(Text, mode);

        Assert.Equal(specialCount, ids.Count(id => id >= 151643));
        Assert.Equal(Text, _tokenizer.Decode(ids));
    }

    [Theory]
    [InlineData("<think>")]
    [InlineData("</think>")]
    [InlineData("<tool_call>")]
    [InlineData("</tool_call>")]
    [InlineData("<tool_response>")]
    [InlineData("</tool_response>")]
    [InlineData("<|fim_prefix|>")]
    [InlineData("<|repo_name|>")]
    [InlineData("<tool_call><tool_call></tool_call>")]
    [InlineData("x<tool_call>y</think></tool_response>\n")]
    public void Tags_from_outside_are_ordinary_tokens_of_the_same_text(string text)
    {
        int[] ids = _tokenizer.Encode(text);

        Assert.All(ids, id => Assert.True(id < 151643, $"{id} is a special token"));
        Assert.Equal(text, _tokenizer.Decode(ids));
    }

    [Fact]
    public void A_tag_made_of_ordinary_tokens_is_cut_where_words_end()
    {
        // What the reference tokenizer gives for the same letters where they are no tag: "<think" and " >" have these very words.
        Assert.Equal([.. _tokenizer.Encode("a <think"), .. _tokenizer.Encode(">b")], _tokenizer.Encode("a <think>b"));
    }

    [Fact]
    public void Parts_by_different_hands_are_tokenized_as_one_text()
    {
        TextPart[] parts =
        [
            new("<|im_start|>us", SpecialTokens.All),
            new("er\n<tool_call><|im_end|>", SpecialTokens.None),
            new("<tool_call><|im_end|>", SpecialTokens.UserDefined),
            new("<|im_end|>\n", SpecialTokens.All),
        ];
        int[] ids = _tokenizer.Encode(parts);

        Assert.Equal(string.Concat(parts.Select(part => part.Text)), _tokenizer.Decode(ids));
        Assert.Equal([151644, 151657, 151645], ids.Where(id => id >= 151643));
        Assert.Equal([151644, .. _tokenizer.Encode("user\n<tool_call><|im_end|>")], ids[..^(ids.Length - Array.IndexOf(ids, 151657))]);
    }

    [Fact]
    public void A_special_token_spelled_across_parts_stays_text()
    {
        int[] ids = _tokenizer.Encode([new("a<tool_", SpecialTokens.All), new("call><|im_", SpecialTokens.None), new("end|>", SpecialTokens.All)]);
        Assert.Equal("a<tool_call><|im_end|>", _tokenizer.Decode(ids));
        Assert.All(ids, id => Assert.True(id < 151643));
    }

    [Fact]
    public void Struck_through_text_is_ordinary_text()
    {
        int[] ids = _tokenizer.Encode("<s>struck</s>", SpecialTokens.All);
        Assert.Equal("<s>struck</s>", _tokenizer.Decode(ids));
        Assert.Equal("</s>", _tokenizer.Decode([128247]));
    }

    [Fact]
    public void Decomposed_text_has_the_ids_of_composed_text()
    {
        const string Composed = "Hà Nội, Việt Nam";
        Assert.Equal(_tokenizer.Encode(Composed), _tokenizer.Encode(Composed.Normalize(NormalizationForm.FormD)));
        Assert.Equal(3, _tokenizer.Encode("Hà Nội".Normalize(NormalizationForm.FormD)).Length);
    }

    [Fact]
    public void A_surrogate_without_its_partner_becomes_the_replacement_character() =>
        Assert.Equal("a\uFFFDbé", _tokenizer.Decode(_tokenizer.Encode("a\uD83Dbe\u0301")));

    [Fact]
    public void A_character_that_is_none_is_text_too() =>
        Assert.Equal("é\uFFFEé\uFFFF", _tokenizer.Decode(_tokenizer.Encode("e\u0301\uFFFEe\u0301\uFFFF")));

    [Fact]
    public void A_character_that_spans_tokens_comes_whole()
    {
        const string Text = "👩‍👩‍👧‍👦 ꙮ 𒀱";
        int[] ids = _tokenizer.Encode(Text);
        var decoder = new TokenDecoder(_tokenizer);
        var parts = new List<string>();
        foreach (int id in ids)
        {
            parts.Add(decoder.Append(id).ToString());
        }

        Assert.Contains("", parts);
        Assert.All(parts, part => Assert.DoesNotContain('\uFFFD', part));
        Assert.Equal(Text, string.Concat(parts) + decoder.Flush().ToString());
    }

    [Fact]
    public void A_character_cut_off_at_the_end_is_flushed_as_a_replacement()
    {
        int[] ids = _tokenizer.Encode("𒀱");
        Assert.True(ids.Length > 1);
        Assert.Equal("\uFFFD", _tokenizer.Decode(ids[..^1]));
    }

    [Fact]
    public void Random_text_survives_the_way_to_ids_and_back()
    {
        const int Seed = 20251;
        var random = new Random(Seed);
        for (int round = 0; round < 500; round++)
        {
            var text = new StringBuilder();
            for (int i = random.Next(60); i > 0; i--)
            {
                text.Append(random.Next(6) switch
                {
                    0 => "<tool_call>",
                    1 => "<|im_end|>",
                    2 => new Rune(random.Next(0x1F300, 0x1F700)).ToString(),
                    3 => ((char)random.Next(0x4E00, 0x9FFF)).ToString(),
                    _ => ((char)random.Next(1, 0x250)).ToString(),
                });
            }

            string normalized = text.ToString().Normalize(NormalizationForm.FormC);
            foreach (SpecialTokens mode in Enum.GetValues<SpecialTokens>())
            {
                Assert.True(normalized == _tokenizer.Decode(_tokenizer.Encode(text.ToString(), mode)), $"seed {Seed}, round {round}, {mode}");
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(151_936)]
    public void An_id_outside_the_vocabulary_is_refused(int id) =>
        Assert.Contains("151935", Assert.Throws<ArgumentOutOfRangeException>(() => _tokenizer.Decode([id])).Message);

    [Fact]
    public void After_its_model_is_disposed_it_says_so()
    {
        LlamaModel model = LlamaModel.Load(NanoModels.Instruct);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer.Encode("Hello"));
    }
}
