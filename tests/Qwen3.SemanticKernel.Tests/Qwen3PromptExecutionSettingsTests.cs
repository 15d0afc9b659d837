using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

public sealed class Qwen3PromptExecutionSettingsTests
{
    private const string Json =
        """
        {
          "service_id": "planner", "model_id": "qwen", "temperature": 0.1, "top_p": 0.5, "top_k": 4, "min_p": 0.2, "presence_penalty": 1.5,
          "frequency_penalty": 0.25, "repetition_penalty": 1.1, "max_tokens": 100, "seed": 5000000000, "stop_sequences": ["END"],
          "thinking_budget": 64, "reasoning_effort": "none", "reasoning_output": "none", "response_format": "json_object",
          "tool_mode": "none"
        }
        """;

    [Fact]
    public void Every_setting_reaches_the_chat_options()
    {
        Qwen3PromptExecutionSettings settings = Settings();

        AI.ChatOptions options = settings.ToChatOptions(new Kernel());

        Assert.Equal(
            (0.1f, 0.5f, 4, 1.5f, 0.25f),
            (options.Temperature, options.TopP, options.TopK, options.PresencePenalty, options.FrequencyPenalty));
        Assert.Equal((100, 5_000_000_000), (options.MaxOutputTokens, options.Seed));
        Assert.Equal(["END"], options.StopSequences);
        Assert.Equal(
            (AI.ReasoningEffort.None, AI.ReasoningOutput.None),
            (options.Reasoning!.Effort!.Value, options.Reasoning.Output!.Value));
        Assert.Same(AI.ChatResponseFormat.Json, options.ResponseFormat);
        Assert.Equal(["min_p", "repetition_penalty", "thinking_budget"], options.AdditionalProperties!.Keys.Order());
        Assert.Equal(
            [0.2, 1.1, 64],
            ((string[])["min_p", "repetition_penalty", "thinking_budget"]).Select(name =>
                options.AdditionalProperties[name]));
    }

    [Fact]
    public void No_name_of_others_is_passed_over_in_silence()
    {
        var own = JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>("""{"max_completion_tokens": 50}""")!;
        Assert.Contains("'max_tokens'", Assert.Throws<ArgumentException>(() => own.ToChatOptions(null)).Message);
        var read = Qwen3PromptExecutionSettings.FromExecutionSettings(
            JsonSerializer.Deserialize<PromptExecutionSettings>("""{"max_tokens": null, "max_completion_tokens": 50}"""));
        Assert.Equal(50, read.MaxTokens);
    }

    [Fact]
    public void Nothing_is_set_by_default()
    {
        AI.ChatOptions options = new Qwen3PromptExecutionSettings().ToChatOptions(null);
        Assert.All(
            new object?[]
            {
                options.Temperature,
                options.TopK,
                options.MaxOutputTokens,
                options.Reasoning,
                options.ResponseFormat,
                options.StopSequences,
            },
            Assert.Null);
        Assert.Empty(options.AdditionalProperties ?? []);
        Assert.Empty(Node(new())!.AsObject());
    }

    [Fact]
    public void Settings_are_the_same_after_JSON() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Json), Node(Settings())));

    [Fact]
    public void A_clone_is_equal_and_independent()
    {
        Qwen3PromptExecutionSettings settings = Settings();
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.None();
        settings.ExtensionData = new Dictionary<string, object> { ["user"] = "anna" };
        settings.Freeze();

        var clone = (Qwen3PromptExecutionSettings)settings.Clone();
        Assert.True(JsonNode.DeepEquals(Node(settings), Node(clone)));
        Assert.Same(settings.FunctionChoiceBehavior, clone.FunctionChoiceBehavior);
        clone.Temperature = 1;
        clone.StopSequences!.Add("STOP");
        clone.ExtensionData!["user"] = "bob";

        Assert.Equal(0.1, settings.Temperature);
        Assert.Equal(["END"], settings.StopSequences!);
        Assert.Equal("anna", settings.ExtensionData["user"]);
    }

    [Fact]
    public void Frozen_settings_do_not_change()
    {
        Qwen3PromptExecutionSettings settings = Settings();
        settings.Freeze();
        settings.Freeze();

        Action[] changes =
        [
            () => settings.Temperature = 1,
            () => settings.TopP = 1,
            () => settings.TopK = 1,
            () => settings.MinP = 1,
            () => settings.PresencePenalty = 1,
            () => settings.FrequencyPenalty = 1,
            () => settings.RepetitionPenalty = 1,
            () => settings.MaxTokens = 1,
            () => settings.Seed = 1,
            () => settings.StopSequences = null,
            () => settings.ThinkingBudget = 1,
            () => settings.ReasoningEffort = null,
            () => settings.ReasoningOutput = null,
            () => settings.ResponseFormat = null,
            () => settings.ToolMode = null,
        ];
        Assert.All(changes, change => Assert.Throws<InvalidOperationException>(change));
        Assert.Throws<NotSupportedException>(() => settings.StopSequences!.Add("STOP"));
        Assert.Equal(0.1f, settings.ToChatOptions(null).Temperature);
    }

    [Fact]
    public void Settings_of_prompt_files_are_read_whatever_form_their_values_have()
    {
        PromptExecutionSettings[] all =
        [
            JsonSerializer.Deserialize<PromptExecutionSettings>(Json)!,
            // As YAML has it: strings throughout.
            new()
            {
                ServiceId = "planner",
                ModelId = "qwen",
                ExtensionData = new Dictionary<string, object>
                {
                    ["temperature"] = "0.1",
                    ["top_p"] = "0.5",
                    ["top_k"] = "4",
                    ["min_p"] = "0.2",
                    ["presence_penalty"] = "1.5",
                    ["frequency_penalty"] = "0.25",
                    ["repetition_penalty"] = "1.1",
                    ["max_tokens"] = "100",
                    ["seed"] = "5000000000",
                    ["stop_sequences"] = new List<object> { "END" },
                    ["thinking_budget"] = "64",
                    ["reasoning_effort"] = "none",
                    ["reasoning_output"] = "None",
                    ["response_format"] = "json_object",
                    ["tool_mode"] = "None",
                },
            },
            // As code has it.
            new()
            {
                ServiceId = "planner",
                ModelId = "qwen",
                ExtensionData = new Dictionary<string, object>
                {
                    ["Temperature"] = 0.1f,
                    ["top_p"] = 0.5m,
                    ["top_k"] = 4.0,
                    ["min_p"] = 0.2,
                    ["presence_penalty"] = 1.5,
                    ["frequency_penalty"] = 0.25,
                    ["repetition_penalty"] = 1.1f,
                    ["max_tokens"] = 100L,
                    ["seed"] = 5e9,
                    ["stop"] = "END",
                    ["thinking_budget"] = JsonElement.Parse("64.0"),
                    ["reasoning_effort"] = AI.ReasoningEffort.None,
                    ["reasoning_output"] = AI.ReasoningOutput.None,
                    ["response_format"] = AI.ChatResponseFormat.Json,
                    ["tool_mode"] = AI.ChatToolMode.None,
                },
            },
        ];

        Assert.All(
            all,
            other =>
                Assert.True(
                    JsonNode.DeepEquals(
                        JsonNode.Parse(Json),
                        Node(Qwen3PromptExecutionSettings.FromExecutionSettings(other)))));
    }

    [Fact]
    public void Settings_of_the_OpenAI_connector_are_read()
    {
        var other = new OpenAIPromptExecutionSettings
        {
            ModelId = "gpt",
            ServiceId = "executor",
            Temperature = 0.5,
            MaxTokens = 10,
            Seed = 7,
            StopSequences = ["END"],
            ReasoningEffort = "low",
            ResponseFormat = typeof(Person),
            ChatSystemPrompt = "Be brief.",
            User = "anna",
            Logprobs = false,
            TokenSelectionBiases = new Dictionary<int, int>(),
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(
                [KernelFunctionFactory.CreateFromMethod(() => 1, "one")],
                autoInvoke: false),
        };

        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(other);
        AI.ChatOptions options = settings.ToChatOptions(new Kernel());

        Assert.Equal(("executor", "gpt"), (settings.ServiceId, settings.ModelId));
        Assert.Equal(
            (0.5f, 10, 7, "Be brief."),
            (options.Temperature, options.MaxOutputTokens, options.Seed, options.Instructions));
        Assert.Equal(["END"], options.StopSequences);
        Assert.Equal(AI.ReasoningEffort.Low, options.Reasoning!.Effort);
        Assert.True(Schema(options).GetProperty("properties").TryGetProperty("Name", out _));
        Assert.Equal("one", options.Tools!.Single().Name);
    }

    [Fact]
    public void Settings_of_this_class_and_none_need_no_reading()
    {
        var settings = new Qwen3PromptExecutionSettings();
        Assert.Same(settings, Qwen3PromptExecutionSettings.FromExecutionSettings(settings));
        Assert.Null(Qwen3PromptExecutionSettings.FromExecutionSettings(null).Temperature);
    }

    [Theory]
    [InlineData("max_completion_tokens")]
    [InlineData("max_new_tokens")]
    [InlineData("num_predict")]
    public void A_name_of_another_connector_counts_unless_the_own_one_is_there(string name)
    {
        Assert.Equal(5, From((name, 5)).MaxTokens);
        Assert.Equal(6, From((name, 5), ("max_tokens", 6)).MaxTokens);
    }

    [Theory]
    [InlineData("thinking_budgt", "thinking_budget")]
    [InlineData("thinkingBudget", "thinking_budget")]
    [InlineData("MaxTokens", "max_tokens")]
    [InlineData("stop_sequence", "stop_sequences")]
    [InlineData("topp", "top_p")]
    [InlineData("top-k", "top_k")]
    [InlineData("toolMode", "tool_mode")]
    [InlineData("repetition_penality", "repetition_penalty")]
    [InlineData("qwen3_thinking_budget", "thinking_budget")]
    [InlineData("qwen3_thinking_length", "thinking_budget")]
    [InlineData("qwen3_seed", "seed")]
    public void A_name_that_is_nearly_right_is_refused_with_the_right_one(string name, string nearest)
    {
        string message = Assert.Throws<ArgumentException>(() => From((name, 1))).Message;
        Assert.Contains($"'{name}'", message);
        Assert.Contains($"'{nearest}'", message);

        // Also where Semantic Kernel alone has read the JSON.
        var settings = JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>($$"""{"{{name}}": 1}""")!;
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => settings.ToChatOptions(null)).Message);
    }

    [Fact]
    public void Members_that_do_not_change_the_answer_are_passed_on()
    {
        string[] names =
        [
            "user",
            "service_tier",
            "store",
            "metadata",
            "stream",
            "keep_alive",
            "api_version",
            "use_cache",
            "wait_for_model",
            "details",
            "tenant",
        ];
        Qwen3PromptExecutionSettings settings = From([.. names.Select(name => (name, (object)"x"))]);
        Assert.Equal(names.Order(), settings.ExtensionData!.Keys.Order());
        Assert.Equal(names.Order(), settings.ToChatOptions(null).AdditionalProperties!.Keys.Order());
    }

    [Theory]
    [InlineData("temperature", "\"hot\"", "a number")]
    [InlineData("top_k", "2.5", "a whole number")]
    [InlineData("max_tokens", "true", "a whole number")]
    [InlineData("stop_sequences", "{}", "a list of strings")]
    [InlineData("reasoning_effort", "\"lots\"", "none, low, medium, high or xhigh")]
    [InlineData("reasoning_output", "\"lots\"", "none, summary or full")]
    [InlineData("tool_mode", "\"must\"", "auto, none, required")]
    [InlineData("tool_mode", "{\"required\":1}", "\"Plugin-Function\"")]
    public void A_value_of_the_wrong_kind_is_named(string name, string value, string expected)
    {
        string message = Assert.Throws<ArgumentException>(() => From((name, JsonElement.Parse(value)))).Message;
        Assert.Contains($"{name} is {value}", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_response_format_may_be_whatever_other_connectors_take()
    {
        JsonElement schema = JsonElement.Parse("""{"type": "object", "properties": {"name": {"type": "string"}}}""");
        object[] formats =
        [
            schema,
            JsonNode.Parse(schema.GetRawText())!,
            AI.ChatResponseFormat.ForJsonSchema(schema),
            JsonElement.Parse(
                $$$"""{"type": "json_schema", "json_schema": {"name": "p", "schema": {{{schema.GetRawText()}}}}}"""),
            JsonElement.Parse($$"""{"type": "json_schema", "name": "p", "schema": {{schema.GetRawText()}}}"""),
            new Dictionary<object, object>
            {
                ["type"] = "object",
                ["properties"] = new Dictionary<object, object>
                {
                    ["name"] = new Dictionary<object, object> { ["type"] = "string" },
                },
            },
        ];
        foreach (object format in formats)
        {
            foreach (
                var settings in (Qwen3PromptExecutionSettings[])
                    [new() { ResponseFormat = format }, From(("response_format", format))])
            {
                Assert.True(
                    Schema(settings.ToChatOptions(null)).GetProperty("properties").TryGetProperty("name", out _));
            }
        }

        Assert.Same(AI.ChatResponseFormat.Text, From(("response_format", "text")).ToChatOptions(null).ResponseFormat);
        Assert.Same(
            AI.ChatResponseFormat.Text,
            From(("response_format", JsonElement.Parse("""{"type": "text"}"""))).ToChatOptions(null).ResponseFormat);
        Assert.Same(
            AI.ChatResponseFormat.Json,
            From(("response_format", JsonElement.Parse("""{"type": "json_object"}""")))
                .ToChatOptions(null)
                .ResponseFormat);
        Assert.Null(From(("response_format", JsonElement.Parse("null"))).ToChatOptions(null).ResponseFormat);
    }

    [Theory]
    [InlineData("xml")]
    [InlineData(7)]
    public void A_response_format_that_is_none_is_refused(object format)
    {
        var settings = new Qwen3PromptExecutionSettings { ResponseFormat = format };
        Assert.Contains(
            "response_format",
            Assert.Throws<ArgumentException>(() => settings.ToChatOptions(null)).Message);
        Assert.Contains(
            "json_object",
            Assert.Throws<ArgumentException>(() => From(("response_format", format)).ToChatOptions(null)).Message);
    }

    public static TheoryData<AI.ChatToolMode, string, Type> ToolModes() =>
        new()
        {
            { AI.ChatToolMode.Auto, "\"auto\"", typeof(AutoFunctionChoiceBehavior) },
            { AI.ChatToolMode.RequireAny, "\"required\"", typeof(RequiredFunctionChoiceBehavior) },
            {
                AI.ChatToolMode.RequireSpecific("Mail-SendMessage"),
                """{"required":"Mail-SendMessage"}""",
                typeof(RequiredFunctionChoiceBehavior)
            },
        };

    [Theory]
    [MemberData(nameof(ToolModes), DisableDiscoveryEnumeration = true)]
    public void A_tool_mode_alone_offers_the_kernels_functions(AI.ChatToolMode mode, string json, Type behavior)
    {
        Kernel kernel = CreateKernel();
        var settings = new Qwen3PromptExecutionSettings { ToolMode = mode };
        Assert.IsType(behavior, settings.FunctionChoiceBehavior);
        Assert.Equal(json, Node(settings)!["tool_mode"]!.ToJsonString());
        Qwen3PromptExecutionSettings[] all =
        [
            settings,
            (Qwen3PromptExecutionSettings)settings.Clone(),
            JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>(JsonSerializer.Serialize(settings))!,
            JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>($$"""{"tool_mode": {{json}}}""")!,
            From(("tool_mode", JsonElement.Parse(json))),
            From(("tool_mode", mode)),
        ];
        Assert.All(
            all,
            one =>
            {
                AI.ChatOptions options = one.ToChatOptions(kernel);
                Assert.Equal(
                    mode is AI.RequiredChatToolMode { RequiredFunctionName: not null }
                        ? AI.ChatToolMode.RequireSpecific("Mail_SendMessage")
                        : mode,
                    options.ToolMode);
                Assert.Equal(["Weather_GetWeather", "Mail_SendMessage"], options.Tools!.Select(tool => tool.Name));
                Assert.DoesNotContain("tool_mode", options.AdditionalProperties?.Keys ?? []);
            }
        );
    }

    [Fact]
    public void A_tool_mode_can_be_changed_and_taken_back()
    {
        var settings = (Qwen3PromptExecutionSettings)
            new Qwen3PromptExecutionSettings { ToolMode = AI.ChatToolMode.Auto }.Clone();
        settings.ToolMode = AI.ChatToolMode.None;
        AI.ChatOptions options = settings.ToChatOptions(CreateKernel());
        Assert.Equal(AI.ChatToolMode.None, options.ToolMode);
        Assert.Null(options.Tools);
        settings.ToolMode = AI.ChatToolMode.RequireAny;
        settings.ToolMode = null;
        Assert.Null(settings.FunctionChoiceBehavior);
    }

    [Fact]
    public void A_tool_mode_that_contradicts_the_function_choice_behavior_is_refused()
    {
        Kernel kernel = CreateKernel();
        (AI.ChatToolMode Mode, FunctionChoiceBehavior? Behavior)[] contradictions =
        [
            (AI.ChatToolMode.None, FunctionChoiceBehavior.Auto()),
            (AI.ChatToolMode.Auto, FunctionChoiceBehavior.None()),
            (AI.ChatToolMode.RequireAny, FunctionChoiceBehavior.Auto()),
            (AI.ChatToolMode.Auto, null),
        ];
        Assert.All(
            contradictions,
            pair =>
            {
                var settings = new Qwen3PromptExecutionSettings { ToolMode = pair.Mode };
                settings.FunctionChoiceBehavior = pair.Behavior;
                Assert.Contains(
                    "tool_mode",
                    Assert.Throws<ArgumentException>(() => settings.ToChatOptions(kernel)).Message);
            }
        );

        // Which functions, and who calls them, is the behavior's to say.
        FunctionChoiceBehavior behavior = FunctionChoiceBehavior.Required(
            [kernel.Plugins.GetFunction("Weather", "GetWeather")],
            autoInvoke: false);
        var agreeing = new Qwen3PromptExecutionSettings
        {
            FunctionChoiceBehavior = behavior,
            ToolMode = AI.ChatToolMode.RequireAny,
        };
        Assert.Same(behavior, agreeing.FunctionChoiceBehavior);
        Assert.Equal("Weather_GetWeather", agreeing.ToChatOptions(kernel).Tools!.Single().Name);

        agreeing.ToolMode = AI.ChatToolMode.RequireSpecific("Mail-SendMessage");
        string message = Assert.Throws<ArgumentException>(() => agreeing.ToChatOptions(kernel)).Message;
        Assert.Contains("'Mail-SendMessage'", message);
        Assert.Contains("Weather_GetWeather", message);
    }

    private static Kernel CreateKernel()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromType<WeatherPlugin>("Weather");
        kernel.Plugins.AddFromType<MailPlugin>("Mail");
        return kernel;
    }

    private static Qwen3PromptExecutionSettings Settings() =>
        JsonSerializer.Deserialize<Qwen3PromptExecutionSettings>(Json)!;

    private static Qwen3PromptExecutionSettings From(params (string Name, object Value)[] members) =>
        Qwen3PromptExecutionSettings.FromExecutionSettings(
            new() { ExtensionData = members.ToDictionary(member => member.Name, member => member.Value) }
        );

    private static JsonNode? Node(Qwen3PromptExecutionSettings settings)
    {
        var node = JsonSerializer.SerializeToNode(settings)!.AsObject();
        return new JsonObject(
            node.Where(member => member.Value is not null)
                .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
    }

    private static JsonElement Schema(AI.ChatOptions options) =>
        Assert.IsType<AI.ChatResponseFormatJson>(options.ResponseFormat).Schema!.Value;

    internal sealed record Person(string Name, int Age);
}
