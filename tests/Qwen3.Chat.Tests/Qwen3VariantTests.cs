namespace Qwen3.Chat.Tests;

public sealed class Qwen3VariantTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void A_file_shows_its_variant_in_its_chat_template()
    {
        Assert.Equal(Qwen3Variant.Instruct, Qwen3Variants.Detect(models.Instruct.File));
        Assert.Equal(Qwen3Variant.Thinking, Qwen3Variants.Detect(models.Thinking.File));
    }

    [Theory]
    [InlineData("…{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}", Qwen3Variant.Hybrid)]
    [InlineData("…{{- '<think>' }}…{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}", Qwen3Variant.Instruct)]
    [InlineData("…{{- '<think>' }}…{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}", Qwen3Variant.Thinking)]
    [InlineData("{{ messages[0].content }}", Qwen3Variant.Instruct)]
    public void Templates_are_told_apart(string template, Qwen3Variant expected) => Assert.Equal(expected, Qwen3Variants.Detect(template));

    [Theory]
    [InlineData("Qwen3-4B-Thinking-2507", Qwen3Variant.Thinking)]
    [InlineData("qwen3:4b-instruct-2507-q8_0", Qwen3Variant.Instruct)]
    [InlineData("my/Qwen3-4B-2507", Qwen3Variant.Instruct)]
    [InlineData("Qwen/Qwen3-4B", Qwen3Variant.Hybrid)]
    [InlineData("llama", null)]
    public void A_name_says_the_variant(string name, Qwen3Variant? expected) => Assert.Equal(expected, Qwen3Variants.FromName(name));
}
