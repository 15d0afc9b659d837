using System.Text.Json;
using Microsoft.Extensions.AI;
using Moq;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests;

/// <summary>The values of the model cards, and what a request sets instead.</summary>
public sealed class SamplingDefaultsTests
{
    private static readonly SamplingOptions s_instruct = new() { Temperature = 0.7f, TopP = 0.8f, TopK = 20, MinP = 0 };
    private static readonly SamplingOptions s_thinking = new() { Temperature = 0.6f, TopP = 0.95f, TopK = 20, MinP = 0 };

    [Fact]
    public void Each_variant_has_its_own()
    {
        Assert.Equal(s_instruct, Create(Qwen3Variant.Instruct));
        Assert.Equal(s_thinking, Create(Qwen3Variant.Thinking));
        Assert.Equal(s_thinking, Create(Qwen3Variant.Hybrid));
        Assert.Equal(s_instruct, Create(Qwen3Variant.Hybrid, new() { Reasoning = new() { Effort = ReasoningEffort.None } }));
        Assert.Equal((16_384, 32_768, 32_768), (
            SamplingDefaults.MaxOutputTokens(Qwen3Variant.Instruct), SamplingDefaults.MaxOutputTokens(Qwen3Variant.Thinking), SamplingDefaults.MaxOutputTokens(Qwen3Variant.Hybrid)));
    }

    [Theory]
    [InlineData("Hi /no_think", false)]
    [InlineData("Hi /think", true)]
    [InlineData("/no_think then /think", true)]
    [InlineData("/think then /no_think", false)]
    [InlineData("/no_think and not `bla /think`", false)]
    [InlineData("/no_think and not \"bla /think here\"", false)]
    [InlineData("/no_think, he said: „bla /think hier“", false)]
    [InlineData("/no_think <document>\nbla /think </b>\n</document>", false)]
    [InlineData("/no_think\n> bla /think\n\n```\n/think\n```\nDone.", false)]
    public void The_hybrid_heeds_the_last_switch(string text, bool thinks)
    {
        Assert.Equal(thinks ? s_thinking : s_instruct, Create(Qwen3Variant.Hybrid, null, new ChatMessage(ChatRole.User, text), new ChatMessage(ChatRole.User, "Go on")));
        Assert.Equal(thinks ? s_thinking : s_instruct, Create(Qwen3Variant.Hybrid, null, new ChatMessage(ChatRole.User, "/think /no_think /think"), new ChatMessage(ChatRole.System, text)));
        Assert.Equal(thinks ? s_thinking : s_instruct, Create(Qwen3Variant.Hybrid, null, new ChatMessage(new ChatRole("developer"), text)));
        Assert.Equal(s_thinking, Create(Qwen3Variant.Hybrid, null, new ChatMessage(ChatRole.Assistant, "/no_think")));
        Assert.Equal(thinks ? s_thinking : s_instruct, Create(Qwen3Variant.Hybrid, new() { Instructions = text }, new ChatMessage(ChatRole.User, "Open example.com/think")));
    }

    [Fact]
    public void What_a_request_sets_wins() => Assert.Equal(
        new SamplingOptions
        {
            Temperature = 0.1f, TopP = 0.2f, TopK = 3, MinP = 0.4f, PresencePenalty = 1.5f, FrequencyPenalty = 0.6f, RepetitionPenalty = 1.1f, Seed = 8,
        },
        Create(Qwen3Variant.Instruct, new()
        {
            Temperature = 0.1f,
            TopP = 0.2f,
            TopK = 3,
            PresencePenalty = 1.5f,
            FrequencyPenalty = 0.6f,
            Seed = 8,
            AdditionalProperties = new() { ["min_p"] = 0.4, ["repetition_penalty"] = JsonElement.Parse("1.1") },
        }));

    [Fact]
    public void Own_sampling_options_take_the_cards_place()
    {
        var own = new SamplingOptions { Temperature = 1.2f, PenaltyWindow = 64 };
        Assert.Equal(own with { TopK = 5 }, Create(Qwen3Variant.Instruct, new() { TopK = 5, RawRepresentationFactory = _ => own }));
    }

    private static SamplingOptions Create(Qwen3Variant variant, ChatOptions? options = null, params ChatMessage[] messages) =>
        SamplingDefaults.Create(variant, messages, options, thinks: new ThinkingBudgets().Of(options) != 0, Mock.Of<IChatClient>());
}
