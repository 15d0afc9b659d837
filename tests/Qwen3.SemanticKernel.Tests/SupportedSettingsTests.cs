using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CsCheck;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using Moq;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>Every setting of another connector is mapped, refused by its name, or does not change the answer.</summary>
public sealed class SupportedSettingsTests
{
    public static TheoryData<string, OpenAIPromptExecutionSettings> Unsupported() => new()
    {
        { "TokenSelectionBiases", new() { TokenSelectionBiases = new Dictionary<int, int> { [1] = 2 } } },
        { "Logprobs", new() { Logprobs = true } },
        { "TopLogprobs", new() { TopLogprobs = 2 } },
        { "ToolCallBehavior", new() { ToolCallBehavior = ToolCallBehavior.AutoInvokeKernelFunctions } },
        { "Modalities", new() { Modalities = "Text, Audio" } },
        { "Audio", new() { Audio = JsonElement.Parse("""{"voice": "alloy"}""") } },
        { "WebSearchOptions", new() { WebSearchOptions = "{}" } },
        { "ExtraBody", new() { ExtraBody = new Dictionary<string, object?> { ["enable_thinking"] = false } } },
    };

    [Theory]
    [MemberData(nameof(Unsupported), DisableDiscoveryEnumeration = true)]
    public void A_setting_of_the_OpenAI_connector_that_is_not_supported_is_refused_by_its_name(
        string property,
        OpenAIPromptExecutionSettings settings)
    {
        string message = Assert
            .Throws<NotSupportedException>(() => Qwen3PromptExecutionSettings.FromExecutionSettings(settings))
            .Message;
        Assert.Contains($"OpenAIPromptExecutionSettings.{property}", message);
    }

    [Fact]
    public void Tool_call_behavior_is_refused_with_its_successor()
    {
        var settings = new OpenAIPromptExecutionSettings
        {
            ToolCallBehavior = ToolCallBehavior.AutoInvokeKernelFunctions,
        };
        Assert.Contains(
            "FunctionChoiceBehavior",
            Assert
                .Throws<NotSupportedException>(() => Qwen3PromptExecutionSettings.FromExecutionSettings(settings))
                .Message);
    }

    [Fact]
    public async Task A_request_with_a_setting_that_is_not_supported_does_not_reach_the_model()
    {
        var client = new Mock<AI.IChatClient>(MockBehavior.Strict);
        client.Setup(c => c.GetService(It.IsAny<Type>(), It.IsAny<object?>())).Returns(null!);
        IChatCompletionService service = new Qwen3ChatCompletionService(client.Object);
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            service.GetChatMessageContentAsync("Hello!", new OpenAIPromptExecutionSettings { Logprobs = true }));
    }

    [Fact]
    public void A_response_format_of_the_OpenAI_library_is_refused_by_its_name()
    {
        var format = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
            "answer",
            BinaryData.FromString("""{"type": "object"}"""));
        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(
            new OpenAIPromptExecutionSettings { ResponseFormat = format }
        );
        string message = Assert.Throws<ArgumentException>(() => settings.ToChatOptions(null)).Message;
        Assert.Contains("response_format", message);
        Assert.Contains("OpenAI.Chat", message);
    }

    [Fact]
    public void A_reasoning_effort_of_the_OpenAI_library_is_read()
    {
#pragma warning disable OPENAI001
        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(
            new OpenAIPromptExecutionSettings { ReasoningEffort = OpenAI.Chat.ChatReasoningEffortLevel.High }
        );
#pragma warning restore OPENAI001
        Assert.Equal(AI.ReasoningEffort.High, settings.ReasoningEffort);
    }

    [Theory]
    [InlineData("logit_bias", """{"1": 2}""")]
    [InlineData("logprobs", "true")]
    [InlineData("n", "2")]
    [InlineData("results_per_prompt", "3")]
    [InlineData("candidate_count", "\"2\"")]
    [InlineData("tools", """[{"type": "function"}]""")]
    [InlineData("tool_choice", "\"auto\"")]
    [InlineData("mirostat", "1")]
    [InlineData("typical_p", "0.5")]
    [InlineData("min_tokens", "5")]
    [InlineData("top_a", "0.1")]
    [InlineData("do_sample", "false")]
    [InlineData("num_ctx", "4096")]
    [InlineData("enable_thinking", "true")]
    [InlineData("safe_prompt", "true")]
    public void A_setting_that_is_not_supported_is_refused_wherever_it_is_set(string name, string json)
    {
        JsonElement value = JsonElement.Parse(json);
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => From((name, value))).Message);
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => From((name, JsonNode.Parse(json)!))).Message);
        // Also where Semantic Kernel alone has read the JSON.
        var own = JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>($$"""{"{{name}}": {{json}}}""")!;
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => own.ToChatOptions(null)).Message);
    }

    [Theory]
    [InlineData("logit_bias", "{}")]
    [InlineData("logprobs", "false")]
    [InlineData("top_logprobs", "0")]
    [InlineData("n", "1")]
    [InlineData("results_per_prompt", "1.0")]
    [InlineData("tools", "[]")]
    [InlineData("typical_p", "1")]
    [InlineData("do_sample", "true")]
    [InlineData("modalities", """["text"]""")]
    [InlineData("suffix", "\"\"")]
    [InlineData("token_selection_biases", "null")]
    public void A_setting_that_is_off_is_accepted(string name, string json) =>
        Assert.Null(From((name, JsonElement.Parse(json))).ToChatOptions(null).MaxOutputTokens);

    [Fact]
    public void Stop_sequences_with_null_are_refused()
    {
        Assert.Throws<ArgumentException>(() =>
            new Qwen3PromptExecutionSettings { StopSequences = ["END", null!] }.ToChatOptions(null));
        Assert.Throws<ArgumentException>(() => From(("stop_sequences", new List<string?> { null })));
        Assert.Throws<ArgumentException>(() => From(("stop", JsonElement.Parse("""["END", null]"""))));
        Assert.Throws<ArgumentException>(() =>
            Qwen3PromptExecutionSettings.FromExecutionSettings(
                new OpenAIPromptExecutionSettings { StopSequences = [null!] }
            ));
    }

    [Fact]
    public void Any_value_of_any_setting_is_read_or_refused_by_its_name()
    {
        string[] names =
        [
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "presence_penalty",
            "frequency_penalty",
            "repetition_penalty",
            "max_tokens",
            "seed",
            "stop_sequences",
            "thinking_budget",
            "reasoning_effort",
            "reasoning_output",
            "tool_mode",
            "response_format",
            "stop",
            "num_predict",
            "n",
            "logprobs",
            "logit_bias",
            "tools",
        ];
        Gen<object> scalar = Gen.OneOf(
            Gen.Int.Select(value => (object)value),
            Gen.Double.Select(value => (object)value),
            Gen.Float.Select(value => (object)value),
            Gen.Decimal.Select(value => (object)value),
            Gen.Long.Select(value => (object)value),
            Gen.Bool.Select(value => (object)value),
            Gen.String.Select(value => (object)value),
            Gen.Const((object)AI.ReasoningEffort.Low),
            Gen.Const((object)new object()),
            Gen.Const((object)DateTime.UnixEpoch),
            Gen.Const((object)'x'),
            Gen.Int[0, 8].Select(i => (object)JsonElement.Parse(s_json[i])),
            Gen.Int[0, 6].Select(i => (object)JsonNode.Parse(s_json[i])!));
        Gen<object> value = Gen.OneOf(
            scalar,
            scalar.List[0, 3].Select(list => (object)list),
            scalar
                .List[0, 2]
                .Select(list => (object)list.Index().ToDictionary(item => (object)$"{item.Index}", item => item.Item)));
        Gen.Select(Gen.Int[0, names.Length - 1].Select(i => names[i]), value)
            .Sample(
                (name, given) =>
                {
                    try
                    {
                        From((name, given)).ToChatOptions(null);
                    }
                    catch (Exception e) when (e is ArgumentException or NotSupportedException)
                    {
                        Assert.Contains(
                            name == "stop" ? "stop_sequences"
                                : name == "num_predict" ? "max_tokens"
                                : name,
                            e.Message);
                        Assert.True(e.Message.Length < 1_000);
                    }
                }
            );
    }

    private static readonly string[] s_json =
    [
        "{}",
        "[]",
        "[null]",
        "\"x\"",
        "1e400",
        "1.5",
        "{\"a\":[1]}",
        "true",
        "null",
    ];

    [Fact]
    public void A_property_of_another_class_is_the_setting_that_it_is_named_after()
    {
        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(
            new PlainSettings
            {
                MaxTokens = 5,
                Temperature = 0.5,
                Tenant = "a",
            }
        );
        Assert.Equal((5, 0.5), (settings.MaxTokens, settings.Temperature));
        Assert.Equal("a", settings.ExtensionData!["Tenant"]);
    }

    [Fact]
    public void Settings_of_LLamaSharp_are_read()
    {
        var given = new LLamaSharpLikeSettings
        {
            Temperature = 0.5,
            TopP = 0.9,
            PresencePenalty = 1,
            FrequencyPenalty = 0.25,
            StopSequences = ["END"],
            MaxTokens = 64,
            ResponseFormat = "json_object",
            ModelId = "qwen",
        };
        AI.ChatOptions options = Qwen3PromptExecutionSettings.FromExecutionSettings(given).ToChatOptions(null);
        Assert.Equal(
            (0.5f, 0.9f, 1f, 0.25f),
            (options.Temperature, options.TopP, options.PresencePenalty, options.FrequencyPenalty));
        Assert.Equal((64, "qwen"), (options.MaxOutputTokens, options.ModelId));
        Assert.Equal(["END"], options.StopSequences!);
        Assert.Same(AI.ChatResponseFormat.Json, options.ResponseFormat);

        var defaults = Qwen3PromptExecutionSettings.FromExecutionSettings(new LLamaSharpLikeSettings());
        Assert.Equal((0, 0, null), (defaults.Temperature, defaults.TopP, defaults.MaxTokens));
        Assert.Empty(defaults.StopSequences!);
        Assert.Null(defaults.ToChatOptions(null).ResponseFormat);

        Assert.Contains("results_per_prompt", Refusal(new LLamaSharpLikeSettings { ResultsPerPrompt = 2 }));
        Assert.Contains(
            "token_selection_biases",
            Refusal(new LLamaSharpLikeSettings { TokenSelectionBiases = new Dictionary<int, int> { [1] = 2 } }));
        static string Refusal(PromptExecutionSettings settings) =>
            Assert
                .Throws<NotSupportedException>(() => Qwen3PromptExecutionSettings.FromExecutionSettings(settings))
                .Message;
    }

    private static Qwen3PromptExecutionSettings From(params (string Name, object Value)[] members) =>
        Qwen3PromptExecutionSettings.FromExecutionSettings(
            new() { ExtensionData = members.ToDictionary(member => member.Name, member => member.Value) }
        );

    private sealed class PlainSettings : PromptExecutionSettings
    {
        public int MaxTokens { get; init; }

        public double Temperature { get; init; }

        public string? Tenant { get; init; }
    }

    /// <summary>The names and the defaults of LLamaSharp.semantic-kernel's settings.</summary>
    private sealed class LLamaSharpLikeSettings : PromptExecutionSettings
    {
        [JsonPropertyName("temperature")]
        public double Temperature { get; init; }

        [JsonPropertyName("top_p")]
        public double TopP { get; init; }

        [JsonPropertyName("presence_penalty")]
        public double PresencePenalty { get; init; }

        [JsonPropertyName("frequency_penalty")]
        public double FrequencyPenalty { get; init; }

        [JsonPropertyName("stop_sequences")]
        public IList<string> StopSequences { get; init; } = [];

        [JsonPropertyName("results_per_prompt")]
        public int ResultsPerPrompt { get; init; } = 1;

        [JsonPropertyName("max_tokens")]
        public int? MaxTokens { get; init; }

        [JsonPropertyName("token_selection_biases")]
        public IDictionary<int, int> TokenSelectionBiases { get; init; } = new Dictionary<int, int>();

        [JsonPropertyName("response_format")]
        public string ResponseFormat { get; init; } = "";
    }
}
