using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.SemanticKernel.Settings;

namespace Qwen3.SemanticKernel;

/// <summary>
/// The settings of a request to a Qwen3 model: functions, sampling, limits, thinking and the format of the answer.
/// </summary>
/// <remarks>
/// <para>
/// Every setting is <see langword="null"/> by default, which selects the default of the model's card. The names in JSON
/// and in prompt files are the properties' names in snake case: <c>max_tokens</c>, <c>top_p</c>,
/// <c>thinking_budget</c>.
/// </para>
/// <para>
/// The settings work wherever Semantic Kernel takes execution settings, also over an <see cref="IChatClient"/> alone.
/// When the settings are used, a misspelled name in <see cref="PromptExecutionSettings.ExtensionData"/> is an
/// <see cref="ArgumentException"/>, and a setting of another connector that would change the answer and has no
/// equivalent is a <see cref="NotSupportedException"/>. All other members are passed on in
/// <see cref="ChatOptions.AdditionalProperties"/>. The model checks the ranges of values. Not safe for concurrent
/// changes; frozen settings are safe for concurrent use.
/// </para>
/// </remarks>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class Qwen3PromptExecutionSettings : PromptExecutionSettings
{
    private ChatToolMode? _toolMode;

    // The behavior that the tool mode set, unless the caller has set another.
    private FunctionChoiceBehavior? _modesBehavior;

    /// <summary>
    /// Gets or sets the temperature; 0 selects the most likely token each time. The default is 0.7, or 0.6 where the
    /// model thinks.
    /// </summary>
    /// <exception cref="InvalidOperationException">The settings are frozen.</exception>
    [JsonPropertyName("temperature"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Temperature { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the nucleus-sampling threshold, from 0 to 1. The default is 0.8, or 0.95 where the model thinks.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("top_p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TopP { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the number of most likely tokens that are sampled from; 0 means all. The default is 20.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("top_k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TopK { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the least probability of a token relative to the most likely one, from 0 to 1. The default is 0,
    /// which is off.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("min_p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MinP { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the penalty on the logit of each token that the answer contains. The default is 0; Qwen advises up
    /// to 2 against repetition.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("presence_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PresencePenalty { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the penalty on a token's logit for each occurrence in the answer. The default is 0.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("frequency_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrequencyPenalty { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the factor, above 0, by which tokens that the answer contains become less likely. The default is 1,
    /// which is off.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("repetition_penalty"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RepetitionPenalty { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the maximum number of tokens of the answer, its reasoning included. The default is 16,384, or
    /// 32,768 where the model may think.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("max_tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxTokens { get; set => Set(ref field, value); }

    /// <summary>Gets or sets the seed of sampling. The default is a new seed for each request.</summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("seed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the texts that end the answer and are not part of it. The reasoning is not searched for them. The
    /// default is none.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("stop_sequences"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IList<string>? StopSequences { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the maximum number of reasoning tokens; 0 switches thinking off. Takes precedence over
    /// <see cref="ReasoningEffort"/>. The default is no limit.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("thinking_budget"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ThinkingBudget { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the reasoning budget as a level; <see cref="Chat.Qwen3ChatClientOptions.ThinkingBudgets"/> sets the
    /// tokens of each level. In JSON: <c>none</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>. The default is
    /// no limit.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("reasoning_effort"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ReasoningEffortConverter))]
    public ReasoningEffort? ReasoningEffort { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets whether the reasoning is part of the answer. In JSON: <c>none</c> or <c>full</c>; <c>summary</c>
    /// means the same as <c>full</c>. The default is <c>full</c>.
    /// </summary>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("reasoning_output"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ReasoningOutputConverter))]
    public ReasoningOutput? ReasoningOutput { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the format of the answer: a <see cref="Type"/>, or a
    /// <see cref="System.Text.Json.Serialization.Metadata.JsonTypeInfo"/> where reflection-based JSON is off; a JSON
    /// schema as <see cref="System.Text.Json.JsonElement"/> or <see cref="System.Text.Json.Nodes.JsonNode"/>, bare or
    /// in OpenAI's <c>{"type": "json_schema", …}</c>; a <see cref="ChatResponseFormat"/>; <c>"json_object"</c> for any
    /// JSON; <c>"text"</c>, which is the default. Any other value is an <see cref="ArgumentException"/> when the
    /// settings are used.
    /// </summary>
    /// <remarks>
    /// The schema of a <see cref="Type"/> is the one of Semantic Kernel's OpenAI connector: names as
    /// <c>JsonSerializer.Deserialize</c> reads them by default, enumerations as texts, every property required.
    /// Integers are held to the range of their .NET type.
    /// </remarks>
    /// <inheritdoc cref="Temperature" path="/exception"/>
    [JsonPropertyName("response_format"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(ResponseFormatConverter))]
    public object? ResponseFormat { get; set => Set(ref field, value); }

    /// <summary>
    /// Gets or sets the tool mode of Microsoft.Extensions.AI, a short form of
    /// <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/>. Where that property is not set,
    /// <see cref="ChatToolMode.Auto"/> sets it to <see cref="FunctionChoiceBehavior.Auto"/> and
    /// <see cref="ChatToolMode.RequireAny"/> to <see cref="FunctionChoiceBehavior.Required"/>: all functions of the
    /// kernel, invoked automatically. <see cref="ChatToolMode.RequireSpecific"/> requires one function, named
    /// <c>Plugin-Function</c> or <c>Plugin_Function</c>; <see cref="ChatToolMode.None"/> sets no behavior. In JSON:
    /// <c>auto</c>, <c>none</c>, <c>required</c>, <c>{"required": "Plugin-Function"}</c>. The default is
    /// <see langword="null"/>: the behavior alone decides.
    /// </summary>
    /// <remarks>
    /// A behavior that the app sets beside the mode selects the functions and whether they are invoked automatically. A
    /// behavior that contradicts the mode is an <see cref="ArgumentException"/> when the settings are used, and so is a
    /// required function that is not offered.
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

    /// <summary>Gets or sets the settings that these were read from, whose hooks run, too.</summary>
    [JsonIgnore]
    internal PromptExecutionSettings? Source { get; set; }

    /// <summary>Reads the settings of any connector and of prompt files.</summary>
    /// <param name="executionSettings">The settings; those of this class are returned as they are.</param>
    /// <returns>
    /// The settings under this connector's names; numbers may be strings. <c>max_completion_tokens</c>,
    /// <c>max_new_tokens</c>, <c>num_predict</c>, <c>stop</c>, <c>random_seed</c> and <c>repeat_penalty</c> of other
    /// connectors are read as the settings that they mean here. All other members stay in
    /// <see cref="PromptExecutionSettings.ExtensionData"/>. The hooks of a derived class, such as
    /// <see cref="PromptExecutionSettings.PrepareChatOptionsForRequest"/>, run after this connector's own.
    /// </returns>
    /// <exception cref="ArgumentException">A name is misspelled, or a setting's value is of the wrong kind.</exception>
    /// <exception cref="NotSupportedException">
    /// A setting would change the answer and is not supported, such as <c>token_selection_biases</c>, <c>logprobs</c>,
    /// or <c>n</c> above 1.
    /// </exception>
    public static Qwen3PromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? executionSettings) =>
        executionSettings switch
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
        Source = Source,
        _toolMode = _toolMode,
        _modesBehavior = _modesBehavior,
    };

    /// <summary>
    /// Creates the options of a request, without the JSON by which Semantic Kernel reads derived settings and which
    /// needs reflection.
    /// </summary>
    internal ChatOptions ToOptions(Kernel? kernel)
    {
        // Filters are given the settings that the options are made of.
        PromptExecutionSettings settings = Source?.GetType() == typeof(PromptExecutionSettings) ? Source : new()
        {
            ServiceId = ServiceId,
            ModelId = ModelId,
            ExtensionData = ExtensionData,
        };
        if (settings.FunctionChoiceBehavior != FunctionChoiceBehavior)
        {
            settings = settings.Clone();
            settings.FunctionChoiceBehavior = FunctionChoiceBehavior;
        }

        ChatOptions options = settings.ToChatOptions(kernel);
        if (options.Instructions is { } instructions && SystemPrompts.Contains(ExtensionData, instructions))
        {
            // It is in the history.
            options.Instructions = null;
        }

        Prepare(options, kernel);
        return options;
    }

    /// <summary>
    /// The history of a request, to which the system prompt of the settings is added where the history has none.
    /// </summary>
    internal ChatHistory Prepare(ChatHistory history) => PrepareChatHistoryForRequest(history);

    /// <inheritdoc/>
    protected override ChatHistory PrepareChatHistoryForRequest(ChatHistory chatHistory)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        ChatHistory history = Source is null ? chatHistory : SettingsHooks.Prepare(Source, chatHistory);
        return SystemPrompts.AddTo(history, ExtensionData);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A name in the extension data is misspelled or another connector's name for a setting,
    /// <see cref="StopSequences"/> contain <see langword="null"/>, <see cref="ResponseFormat"/> is not a format, or
    /// <see cref="ToolMode"/> contradicts the function choice behavior.
    /// </exception>
    /// <exception cref="NotSupportedException">The extension data have a setting that is not supported.</exception>
    protected override void PrepareChatOptionsForRequest(ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Prepare(options, kernel: null);
    }

    private void Prepare(ChatOptions options, Kernel? kernel)
    {
        if (Source is null)
        {
            CheckExtensionData();
        }

        // Semantic Kernel has mapped these settings by their JSON, where numbers are doubles and some names are unknown
        // to it.
        options.Temperature = (float?)Temperature ?? options.Temperature;
        options.TopP = (float?)TopP ?? options.TopP;
        options.TopK = TopK ?? options.TopK;
        options.PresencePenalty = (float?)PresencePenalty ?? options.PresencePenalty;
        options.FrequencyPenalty = (float?)FrequencyPenalty ?? options.FrequencyPenalty;
        options.MaxOutputTokens = MaxTokens ?? options.MaxOutputTokens;
        options.Seed = Seed ?? options.Seed;
        options.StopSequences = StopSequences is null ? options.StopSequences : [.. StopSequences.Select(Present)];
        options.ResponseFormat = ResponseFormats.Create(ResponseFormat) ?? options.ResponseFormat;
        if (ReasoningEffort is not null || ReasoningOutput is not null)
        {
            options.Reasoning = new() { Effort = ReasoningEffort, Output = ReasoningOutput };
        }

        if (ToolMode is not null)
        {
            ToolModes.Apply(ToolMode, FunctionChoiceBehavior, options);
        }

        foreach (
            string name in options
                .AdditionalProperties?.Keys.Where(name => ExecutionSettingNames.Find(name) is not null)
                .ToArray()
                ?? [])
        {
            options.AdditionalProperties!.Remove(name);
        }

        SetAdditional("min_p", MinP);
        SetAdditional("repetition_penalty", RepetitionPenalty);
        SetAdditional("thinking_budget", ThinkingBudget);
        FunctionChoices.Apply(FunctionChoiceBehavior, kernel, options);
        if (Source is not null)
        {
            SettingsHooks.Prepare(Source, options);
        }

        void SetAdditional(string name, object? value)
        {
            if (value is not null)
            {
                (options.AdditionalProperties ??= [])[name] = value;
            }
        }

        static string Present(string? text) =>
            text ?? throw new ArgumentException("StopSequences contain null. Remove it.");
    }

    private void CheckExtensionData()
    {
        foreach ((string name, object value) in ExtensionData ?? new Dictionary<string, object>())
        {
            UnsupportedSettings.Check(name, value);
        }

        ExecutionSettingNames.Check(ExtensionData?.Keys);
        ExecutionSettingNames.RefuseOthers(ExtensionData?.Keys);
    }

    private void Set<T>(ref T field, T value)
    {
        ThrowIfFrozen();
        field = value;
    }
}
