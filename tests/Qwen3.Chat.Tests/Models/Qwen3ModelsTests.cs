using Qwen3.Chat.Models;

namespace Qwen3.Chat.Tests.Models;

public sealed class Qwen3ModelsTests
{
    [Theory]
    [InlineData("instruct-2507", "instruct-2507:Q4_K_M")]
    [InlineData("Qwen3-4B-Instruct-2507", "instruct-2507:Q4_K_M")]
    [InlineData("THINKING-2507:q8_0", "thinking-2507:Q8_0")]
    [InlineData("hybrid", "hybrid:Q4_K_M")]
    [InlineData("hf:owner/Name", "hf:owner/Name")]
    [InlineData("hf:owner/name:q5_k_m", "hf:owner/name:Q5_K_M")]
    [InlineData("hf:owner/name/sub/file-Q8_0.gguf", "hf:owner/name/sub/file-Q8_0.gguf")]
    [InlineData("modelscope:owner/name:Q8_0", "modelscope:owner/name:Q8_0")]
    [InlineData("some/path.gguf", "some/path.gguf")]
    [InlineData("C:\\models\\m.gguf", "C:\\models\\m.gguf")]
    public void A_name_is_read_and_written(string text, string canonical)
    {
        var model = Qwen3Models.Parse(text);
        Assert.Equal(canonical, model.ToString());
        Assert.Equal(canonical, Qwen3Models.Parse(canonical).ToString());
    }

    [Theory]
    [InlineData("instruct")]
    [InlineData("qwen3-8b")]
    [InlineData("instruct-2507:Q8_0:x")]
    [InlineData("instruct-2507:../x")]
    [InlineData("hf:name")]
    [InlineData("hf:owner/name/readme.md")]
    [InlineData("hf:owner/name/../file.gguf")]
    [InlineData("hf:owner/../file.gguf")]
    [InlineData("hf:owner/na me:Q8_0")]
    [InlineData("hf:a--b/name")]
    [InlineData("modelscope:owner/name:")]
    public void What_names_no_model_is_refused_with_the_ways_to_name_one(string text)
    {
        string message = Assert.Throws<FormatException>(() => Qwen3Models.Parse(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains("instruct-2507", message);
    }

    [Fact]
    public void The_catalogue_has_the_three_models()
    {
        Assert.Equal([Qwen3Variant.Instruct, Qwen3Variant.Thinking, Qwen3Variant.Hybrid],
            Qwen3Models.All.Select(model => model.Variant));
        Assert.All(Qwen3Models.All,
            model => Assert.Contains(model.Quantizations, quantization => quantization.Name == model.Quantization));
        Assert.All(Qwen3Models.All, model => Assert.Equal(model, Qwen3Models.Parse(model.ToString())));
    }

    [Fact]
    public void Another_quantization_is_another_model()
    {
        Assert.Equal("instruct-2507:Q8_0", Qwen3Models.Instruct2507.WithQuantization("q8_0").ToString());
        Assert.Equal("Q4_K_M", Qwen3Models.Instruct2507.Quantization);
        Assert.Throws<ArgumentException>(() => Qwen3Models.Instruct2507.WithQuantization("../x"));
        Assert.Throws<ArgumentException>(() => Qwen3Models.Parse("hf:owner/name/file.gguf").WithQuantization("Q8_0"));
    }
}
