using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Qwen3.SemanticKernel.Settings;

namespace Qwen3.SemanticKernel;

/// <summary>What a request asks of a Qwen3 model: functions, sampling, limits, thinking and the form of the answer.</summary>
/// <remarks>
/// <para>
/// Every setting is <see langword="null"/> by default, which means what the model's card advises. The names in JSON and in prompt files are
/// those in snake case: <c>max_tokens</c>, <c>top_p</c>, <c>thinking_budget</c>.
/// </para>
/// <para>
/// The settings work wherever Semantic Kernel takes execution settings, also over an <see cref="IChatClient"/> alone. A member of
/// <see cref="PromptExecutionSettings.ExtensionData"/> that is nearly one of these names is refused when the settings are used; members that
/// belong to other connectors are ignored. What is outside its range is refused by the model. Not safe for concurrent changes; once frozen, for
/// concurrent use.
/// </para>
/// </remarks>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class Qwen3PromptExecutionSettings : PromptExecutionSettings
{
    private ChatToolMode? _toolMode;

    // The behavior that the tool mode stands for, unless the caller has set another.
    private FunctionChoiceBehavior? _modesBehavior;

    /// <summary>Gets or sets the temperature: 0 always takes the likeliest token. The default is 0.7, or 0.6 where the model thinks.</summary>
    /// <exception cref="InvalidOperationException">The settings are frozen.</exception>
    [JsonPropertyName("temperature"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Temperature { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the share of probability, from 0 to 1, that is drawn from. The default is 0.8, or 0.95 where the model thinks.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("top_p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TopP { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how many of the likeliest tokens are drawn from; 0 means all. The default is 20.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("top_k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TopK { get; set => Set(ref field, value); }

    /// <summary>Gets or sets how likely a token must be in proportion to the likeliest one, from 0 to 1. The default is 0: off.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("min_p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MinP { get; set => Set(ref field, value); }

    /// <summary>Gets or sets what is taken off a token's logit once the answer has it. The default is 0; Qwen advises up to 2 against repetition.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("presence_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PresencePenalty { get; set => Set(ref field, value); }

    /// <summary>Gets or sets what is taken off a token's logit for each time that the answer has it. The default is 0.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("frequency_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrequencyPenalty { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the factor by which tokens of the answer so far become less likely, above 0. The default is 1: off.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("repetition_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RepetitionPenalty { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets how many tokens an answer has at most, its reasoning counted. The default is 16,384, or 32,768 where the model may think.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("max_tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxTokens { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the seed of the draw. The default is a new one for each request.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("seed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; set => Set(ref field, value); }

    /// <summary>Gets or sets texts that end the answer and are not part of it; they are not looked for in the reasoning. The default is none.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("stop_sequences"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IList<string>? StopSequences { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets how many tokens the model may think: 0 for no thinking. Wins over <see cref="ReasoningEffort"/>. The default is no limit.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("thinking_budget"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ThinkingBudget { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets how long the model may think, in steps whose tokens <see cref="Chat.Qwen3ChatClientOptions.ThinkingBudgets"/> sets. In JSON:
    /// <c>none</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>. The default is no limit.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("reasoning_effort"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ReasoningEffortConverter))]
    public ReasoningEffort? ReasoningEffort { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets whether the reasoning is part of the answer. In JSON: <c>none</c> or <c>full</c>; <c>summary</c> is as <c>full</c>. The
    /// default is that it is.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("reasoning_output"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ReasoningOutputConverter))]
    public ReasoningOutput? ReasoningOutput { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the form of the answer: a <see cref="Type"/> whose JSON it is; a JSON schema as <see cref="System.Text.Json.JsonElement"/> or
    /// <see cref="System.Text.Json.Nodes.JsonNode"/>, bare or in OpenAI's <c>{"type": "json_schema", …}</c>; a <see cref="ChatResponseFormat"/>;
    /// <c>"json_object"</c> for any JSON; <c>"text"</c>, which is the default. Anything else is an <see cref="ArgumentException"/> when the
    /// settings are used.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("response_format"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ResponseFormatConverter))]
    public object? ResponseFormat { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets whether the model calls functions, in Microsoft.Extensions.AI's words: a short form of
    /// <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/>. <see cref="ChatToolMode.Auto"/> and <see cref="ChatToolMode.RequireAny"/> set that,
    /// where nothing is set there, to <see cref="FunctionChoiceBehavior.Auto"/> and <see cref="FunctionChoiceBehavior.Required"/>: all functions of the kernel,
    /// called automatically. <see cref="ChatToolMode.RequireSpecific"/> requires one of them, named <c>Plugin-Function</c> or as the model knows it;
    /// <see cref="ChatToolMode.None"/> sets no behavior. In JSON: <c>auto</c>, <c>none</c>, <c>required</c>, <c>{"required": "Plugin-Function"}</c>. The default
    /// is that the behavior alone says it.
    /// </summary>
    /// <remarks>
    /// A behavior of your own beside it chooses the functions and who calls them. One that says another thing than the mode is an
    /// <see cref="ArgumentException"/> when the settings are used, and so is a required function that is not on offer.
    /// </remarks>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("tool_mode"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ToolModeConverter))]
    public ChatToolMode? ToolMode
    {
        get => _toolMode;
        set
        {
            Set(ref _toolMode, value);
            if (FunctionChoiceBehavior is null || FunctionChoiceBehavior == _modesBehavior)
            {
                FunctionChoiceBehavior = _modesBehavior = ToolModes.Behavior(value);
            }
        }
    }

    /// <summary>Reads the settings of any connector and of prompt files.</summary>
    /// <param name="executionSettings">The settings; those of this class are returned as they are.</param>
    /// <returns>
    /// The settings under this connector's names, with numbers taken from strings, too. <c>max_completion_tokens</c>, <c>max_new_tokens</c>,
    /// <c>num_predict</c>, <c>stop</c>, <c>random_seed</c> and <c>repeat_penalty</c> of other connectors count as what they mean here; all
    /// else stays in <see cref="PromptExecutionSettings.ExtensionData"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A member is nearly a setting of this connector, or a setting's value is of the wrong kind.</exception>
    public static Qwen3PromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? executionSettings) => executionSettings switch
    {
        null => new(),
        Qwen3PromptExecutionSettings settings => settings,
        _ => ExecutionSettingsReader.Read(executionSettings),
    };

    /// <inheritdoc/>
    public override void Freeze()
    {
        if (IsFrozen)
        {
            return;
        }

        StopSequences = StopSequences is null ? null : new ReadOnlyCollection<string>(StopSequences);
        base.Freeze();
    }

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone() => new Qwen3PromptExecutionSettings
    {
        ServiceId = ServiceId,
        ModelId = ModelId,
        FunctionChoiceBehavior = FunctionChoiceBehavior,
        ExtensionData = ExtensionData is null ? null : new Dictionary<string, object>(ExtensionData),
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        MinP = MinP,
        PresencePenalty = PresencePenalty,
        FrequencyPenalty = FrequencyPenalty,
        RepetitionPenalty = RepetitionPenalty,
        MaxTokens = MaxTokens,
        Seed = Seed,
        StopSequences = StopSequences is null ? null : [.. StopSequences],
        ThinkingBudget = ThinkingBudget,
        ReasoningEffort = ReasoningEffort,
        ReasoningOutput = ReasoningOutput,
        ResponseFormat = ResponseFormat,
        _toolMode = _toolMode,
        _modesBehavior = _modesBehavior,
    };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The extension data have a member that is nearly a setting of this connector, or another connector's name for one, or
    /// <see cref="ResponseFormat"/> is none, or <see cref="ToolMode"/> and the function choice behavior do not agree.
    /// </exception>
    protected override void PrepareChatOptionsForRequest(ChatOptions options)
    {
        // Semantic Kernel has read these settings from their JSON, where numbers are doubles and some are unknown to it.
        ArgumentNullException.ThrowIfNull(options);
        ExecutionSettingNames.Check(ExtensionData?.Keys);
        ExecutionSettingNames.RefuseOthers(ExtensionData?.Keys);
        options.Temperature = (float?)Temperature ?? options.Temperature;
        options.TopP = (float?)TopP ?? options.TopP;
        options.TopK = TopK ?? options.TopK;
        options.PresencePenalty = (float?)PresencePenalty ?? options.PresencePenalty;
        options.FrequencyPenalty = (float?)FrequencyPenalty ?? options.FrequencyPenalty;
        options.MaxOutputTokens = MaxTokens ?? options.MaxOutputTokens;
        options.Seed = Seed ?? options.Seed;
        options.StopSequences = StopSequences is null ? options.StopSequences : [.. StopSequences];
        options.ResponseFormat = ResponseFormats.Create(ResponseFormat) ?? options.ResponseFormat;
        if (ReasoningEffort is not null || ReasoningOutput is not null)
        {
            options.Reasoning = new() { Effort = ReasoningEffort, Output = ReasoningOutput };
        }

        if (ToolMode is not null)
        {
            ToolModes.Apply(ToolMode, FunctionChoiceBehavior, options);
        }

        options.AdditionalProperties?.Remove("reasoning_output");
        options.AdditionalProperties?.Remove("tool_mode");
        SetAdditional("min_p", MinP);
        SetAdditional("repetition_penalty", RepetitionPenalty);
        SetAdditional("thinking_budget", ThinkingBudget);

        void SetAdditional(string name, object? value)
        {
            if (value is not null)
            {
                (options.AdditionalProperties ??= [])[name] = value;
            }
        }
    }

    private void Set<T>(ref T field, T value)
    {
        ThrowIfFrozen();
        field = value;
    }
}
