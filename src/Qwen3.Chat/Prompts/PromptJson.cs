using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Prompts;

/// <summary>
/// Writes JSON as the model's training data has it, which is as Python's <c>json.dumps(ensure_ascii=False)</c> does: a space after
/// each colon and comma, no escapes beyond JSON's own, members in their order, numbers as they stand.
/// </summary>
internal static class PromptJson
{
    // A function may return what JSON has no number for; the model reads "NaN" then.
    private static readonly JsonSerializerOptions s_options = new(AIJsonUtilities.DefaultOptions)
    {
        NumberHandling = AIJsonUtilities.DefaultOptions.NumberHandling | JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Format(object? value)
    {
        var json = new StringBuilder();
        Write(json, ToElement(value));
        return json.ToString();
    }

    public static string Format(IEnumerable<KeyValuePair<string, object?>>? members)
    {
        var json = new StringBuilder("{");
        string separator = "";
        foreach ((string name, object? value) in members ?? [])
        {
            json.Append(separator);
            WriteString(json, name);
            json.Append(": ");
            Write(json, ToElement(value));
            separator = ", ";
        }

        return json.Append('}').ToString();
    }

    /// <param name="json">Where to.</param>
    /// <param name="element">What; its strings must be readable.</param>
    private static void Write(StringBuilder json, JsonElement element)
    {
        string separator = "";
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.Append('{');
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    json.Append(separator);
                    WriteString(json, member.Name);
                    json.Append(": ");
                    Write(json, member.Value);
                    separator = ", ";
                }

                json.Append('}');
                break;
            case JsonValueKind.Array:
                json.Append('[');
                foreach (JsonElement item in element.EnumerateArray())
                {
                    json.Append(separator);
                    Write(json, item);
                    separator = ", ";
                }

                json.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(json, element.GetString()!);
                break;
            case JsonValueKind.Undefined:
                json.Append("null");
                break;
            default:
                json.Append(element.GetRawText());
                break;
        }
    }

    public static void WriteString(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }

    private static JsonElement ToElement(object? value) => value switch
    {
        JsonElement element => LenientJson.Readable(element),
        null => default,
        _ => JsonSerializer.SerializeToElement(value, s_options.GetTypeInfo(value.GetType())),
    };
}
