using System.Collections;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Settings of other connectors that would change an answer and that have no equivalent here. Each is refused, unless
/// its value is off.
/// </summary>
internal static class UnsupportedSettings
{
    private const string NoBias =
        "Token biases are not supported. Restrict the answer with response_format, or remove the setting.";
    private const string NoProbabilities = "Probabilities of tokens are not returned. Remove the setting.";
    private const string OneAnswer = "A request has one answer. Send several requests instead.";
    private const string Functions = "Offer functions by FunctionChoiceBehavior instead.";
    private const string TextOnly = "The model reads and writes text only. Remove the setting.";
    private const string Format = "Set response_format instead.";
    private const string Thinking =
        "Set thinking_budget or reasoning_effort instead; a thinking_budget of 0 switches thinking off.";
    private const string Sampler =
        "Qwen3 samples with temperature, top_p, top_k, min_p and penalties. Remove the setting.";
    private const string Length = "The length of an answer is limited by max_tokens alone. Remove the setting.";
    private const string Loading =
        "This is an option of the registration and not of a request: see Qwen3ChatClientOptions.";
    private const string NoFeature = "Qwen3 has no such feature. Remove the setting.";

    // Each name with the value that switches the setting off and what to do instead. False, zero and what is empty
    // switch off every setting.
    private static readonly FrozenDictionary<string, (string Off, string Advice)> s_all =
        new (string Names, string Off, string Advice)[]
        {
            ("token_selection_biases logit_bias logits_bias", "", NoBias),
            ("logprobs log_probs top_logprobs top_log_probs response_logprobs", "", NoProbabilities),
            ("n results_per_prompt candidate_count best_of num_return_sequences num_beams", "1", OneAnswer),
            ("tool_call_behavior ToolCallBehavior tools tool_choice tool_config", "", Functions),
            ("functions function_call parallel_tool_calls", "", Functions),
            ("function_choice_behavior", "", "Set the property FunctionChoiceBehavior."),
            ("modalities response_modalities", "text", TextOnly),
            ("audio image", "", TextOnly),
            ("response_schema response_mime_type format json_schema", "text/plain", Format),
            ("guided_json guided_regex guided_choice guided_grammar grammar", "", Format),
            ("thinking thinking_config enable_thinking think chat_template_kwargs reasoning", "", Thinking),
            ("mirostat mirostat_tau mirostat_eta top_a top_n dry_multiplier xtc_probability", "", Sampler),
            ("repeat_last_n no_repeat_ngram_size diversity_penalty", "", Sampler),
            ("tfs_z typical_p", "1", Sampler),
            ("do_sample", "true", "Set temperature to 0 for an answer without sampling."),
            ("min_tokens max_time verbosity early_stopping", "", Length),
            ("length_penalty", "1", Length),
            ("num_ctx num_gpu num_thread num_batch", "", Loading),
            ("echo suffix prediction web_search_options safe_prompt", "", NoFeature),
            ("safety_settings cached_content extra_body", "", NoFeature),
        }
        .SelectMany(row => row.Names.Split(' ').Select(name => KeyValuePair.Create(name, (row.Off, row.Advice))))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <param name="name">The setting's name in JSON.</param>
    /// <param name="value">Its value.</param>
    /// <param name="property">The property that has it, if it is one of another connector's class.</param>
    /// <exception cref="NotSupportedException">The setting is switched on, and is not supported.</exception>
    public static void Check(string name, object? value, string? property = null)
    {
        if (s_all.TryGetValue(name, out (string Off, string Advice) setting) && !IsOff(value, setting.Off))
        {
            string shown = property is null ? name : $"{name} ({property})";
            throw new NotSupportedException(
                $"The setting {shown} is {SettingValues.Show(value)}, and Qwen3 does not support it. {setting.Advice}");
        }
    }

    /// <summary>Gets a value indicating whether a name is one of these settings.</summary>
    public static bool Contains(string name) => s_all.ContainsKey(name);

    private static bool IsOff(object? value, string off) => value switch
    {
        null => true,
        bool flag => flag == (off == "true"),
        string text => text.Length == 0 || text.Equals(off, StringComparison.OrdinalIgnoreCase) ||
            (off != "true" && (text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase))),
        JsonElement json => json.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => true,
            JsonValueKind.True or JsonValueKind.False => IsOff(json.GetBoolean(), off),
            JsonValueKind.String => IsOff(json.GetString(), off),
            JsonValueKind.Number => IsOff(json.GetDouble(), off),
            JsonValueKind.Array => json.EnumerateArray().All(item => IsOff(item, off)),
            _ => !json.EnumerateObject().Any(),
        },
        JsonNode node => IsOff(JsonElement.Parse(node.ToJsonString()), off),
        Enum word => IsOff(word.ToString(), off),
        IDictionary map => map.Count == 0,
        IEnumerable items => items.Cast<object?>().All(item => IsOff(item, off)),
        IConvertible number and not (char or DateTime) => IsNumber(number, off),
        _ => false,
    };

    private static bool IsNumber(IConvertible value, string off)
    {
        double number = value.ToDouble(CultureInfo.InvariantCulture);
        return number == 0 || (off == "1" && number == 1);
    }
}
