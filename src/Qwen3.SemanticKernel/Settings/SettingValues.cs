using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Reads the values of settings, whatever form code, JSON and YAML give them.</summary>
internal static class SettingValues
{
    /// <summary>Sets a setting by its name in JSON.</summary>
    /// <exception cref="ArgumentException">The value is of the wrong kind or outside its range.</exception>
    public static void Set(Qwen3PromptExecutionSettings settings, string name, object value)
    {
        // Nodes and elements of JSON are read alike.
        value = value is JsonNode node ? JsonElement.Parse(node.ToJsonString()) : value;
        switch (name)
        {
            case "temperature":
                settings.Temperature = Number(name, value);
                break;
            case "top_p":
                settings.TopP = Number(name, value);
                break;
            case "top_k":
                settings.TopK = (int)WholeNumber(name, value, int.MinValue, int.MaxValue);
                break;
            case "min_p":
                settings.MinP = Number(name, value);
                break;
            case "presence_penalty":
                settings.PresencePenalty = Number(name, value);
                break;
            case "frequency_penalty":
                settings.FrequencyPenalty = Number(name, value);
                break;
            case "repetition_penalty":
                settings.RepetitionPenalty = Number(name, value);
                break;
            case "max_tokens":
                settings.MaxTokens = (int)WholeNumber(name, value, int.MinValue, int.MaxValue);
                break;
            case "seed":
                settings.Seed = (long)WholeNumber(name, value, long.MinValue, long.MaxValue);
                break;
            case "stop_sequences":
                settings.StopSequences = Texts(name, value);
                break;
            case "thinking_budget":
                settings.ThinkingBudget = (int)WholeNumber(name, value, int.MinValue, int.MaxValue);
                break;
            case "reasoning_effort":
                settings.ReasoningEffort = ReasoningEffortConverter.Parse(Word(value)) ?? throw Wrong(name, value);
                break;
            case "reasoning_output":
                settings.ReasoningOutput = Output(Word(value)) ?? throw Wrong(name, value);
                break;
            case "tool_mode":
                settings.ToolMode = value as ChatToolMode ?? ToolModeConverter.Parse(value) ?? throw Wrong(name, value);
                break;
            // Some connectors have an empty text where no format is set.
            default: settings.ResponseFormat = Text(value) is "" ? null : value; break;
        }
    }

    /// <summary>A value as messages show it.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"\"{(text.Length > 100 ? text[..100] + "…" : text)}\"",
        bool flag => flag ? "true" : "false",
        JsonElement json => json.GetRawText() is { Length: > 100 } text ? text[..100] + "…" : json.GetRawText(),
        IConvertible number => number.ToString(CultureInfo.InvariantCulture),
        _ => $"a {value.GetType()}",
    };

    private static double Number(string name, object value) =>
        double.TryParse(Digits(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number)
            ? number
            : throw Wrong(name, value);

    // 20.0 is a whole number, too.
    private static decimal WholeNumber(string name, object value, long least, long most) =>
        decimal.TryParse(Digits(value), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) &&
        decimal.IsInteger(number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value);

    private static string? Digits(object value) => value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.Number } json => json.GetRawText(),
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        Enum or bool or char or DateTime => null,
        // A float's own digits: 0.1 and not 0.10000000149.
        IConvertible number => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static List<string> Texts(string name, object value) =>
        value switch
        {
            string text => [text],
            JsonElement { ValueKind: JsonValueKind.String } json => [json.GetString()!],
            JsonElement { ValueKind: JsonValueKind.Array } json =>
            [
                .. json.EnumerateArray().Select(item => Text(item) ?? throw Wrong(name, value)),
            ],
            IDictionary or JsonElement => throw Wrong(name, value),
            IEnumerable items => [.. items.Cast<object?>().Select(item => Text(item) ?? throw Wrong(name, value))],
            _ => throw Wrong(name, value),
        };

    private static string? Text(object? value) => value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        JsonValue json when json.TryGetValue(out string? text) => text,
        _ => null,
    };

    /// <summary>
    /// The word that a value stands for: a text, a member of an enumeration, or one of another library's own types for
    /// it.
    /// </summary>
    private static string? Word(object value) =>
        value is JsonElement ? Text(value)
        : value is IConvertible and not (string or Enum) ? null
        : value.ToString();

    private static ReasoningOutput? Output(string? word) => word?.ToUpperInvariant() switch
    {
        "NONE" => ReasoningOutput.None,
        "SUMMARY" => ReasoningOutput.Summary,
        "FULL" => ReasoningOutput.Full,
        _ => null,
    };

    private static ArgumentException Wrong(string name, object value) =>
        new($"The setting {name} is {Show(value)}; give {ExecutionSettingNames.Expectation(name)}.");
}
