using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>
/// Writes JSON in the form of the model's training data, that of Python's <c>json.dumps(ensure_ascii=False)</c>: a
/// space after each colon and comma, no escapes beyond JSON's own, members in their order, numbers as they are.
/// </summary>
internal static partial class PromptJson
{
    // A function may return what JSON has no number for. The model then reads "NaN".
    private static readonly JsonSerializerOptions s_options = new(AIJsonUtilities.DefaultOptions)
    {
        NumberHandling =
            AIJsonUtilities.DefaultOptions.NumberHandling | JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(
            AIJsonUtilities.DefaultOptions.TypeInfoResolver, CommonTypes.Default),
    };

    /// <summary>Returns a value as JSON.</summary>
    /// <exception cref="ResultLengthException">The JSON is longer than <paramref name="maxLength"/> bytes.</exception>
    public static string Format(object? value, int maxLength = int.MaxValue)
    {
        var json = new StringBuilder();
        Write(json, ToElement(value, maxLength));
        return json.ToString();
    }

    /// <summary>
    /// Returns members as a JSON object. In place of a value that has no JSON form stands what is wrong with it.
    /// </summary>
    public static string Format(IEnumerable<KeyValuePair<string, object?>>? members)
    {
        var json = new StringBuilder("{");
        string separator = "";
        foreach ((string name, object? value) in members ?? [])
        {
            json.Append(separator);
            WriteString(json, name);
            json.Append(": ");
            int start = json.Length;
            try
            {
                Write(json, ToElement(value, FunctionResultText.MaxLength));
            }
            catch (Exception e)
            {
                json.Length = start;
                WriteString(json, Problem(value!, e));
            }

            separator = ", ";
        }

        return json.Append('}').ToString();
    }

    /// <summary>Returns why a value cannot be written, and how to change that.</summary>
    public static string Problem(object value, Exception exception) => exception is ResultLengthException
        ? $"the value of the type {value.GetType()} is larger than {FunctionResultText.MaxLength} bytes of JSON."
        : $"a value of the type {value.GetType()} cannot be written as JSON: {exception.Message} " +
            "Return text, a JsonElement, or a type that System.Text.Json can serialize. Where reflection-based " +
            "serialization is off, create the function with AIFunctionFactoryOptions.SerializerOptions that have a " +
            "JsonSerializerContext with this type.";

    private static void Write(StringBuilder json, JsonElement element)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
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

    private static JsonElement ToElement(object? value, int maxLength)
    {
        if (value is null or JsonElement)
        {
            return value is JsonElement element ? LenientJson.Readable(element) : default;
        }

        // In pieces, so that a list without an end is cut off.
        using var json = new BoundedStream(maxLength);
        JsonSerializer.Serialize(json, value, s_options.GetTypeInfo(value.GetType()));
        json.Position = 0;
        return JsonElement.Parse(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    private sealed class BoundedStream(int maxLength) : MemoryStream
    {
        // What is written as a span comes this way too, in a class of one's own.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > maxLength)
            {
                throw new ResultLengthException();
            }

            base.Write(buffer, offset, count);
        }
    }

    /// <summary>A value's JSON is too long.</summary>
    private sealed class ResultLengthException()
        : Qwen3Exception("The JSON is too long.");

    // What functions return besides the types that Microsoft.Extensions.AI knows, for applications without reflection.
    [JsonSerializable(typeof(byte))]
    [JsonSerializable(typeof(short))]
    [JsonSerializable(typeof(uint))]
    [JsonSerializable(typeof(ulong))]
    [JsonSerializable(typeof(decimal))]
    [JsonSerializable(typeof(char))]
    [JsonSerializable(typeof(Guid))]
    [JsonSerializable(typeof(Uri))]
    [JsonSerializable(typeof(Version))]
    [JsonSerializable(typeof(DateTime))]
    [JsonSerializable(typeof(DateTimeOffset))]
    [JsonSerializable(typeof(DateOnly))]
    [JsonSerializable(typeof(TimeOnly))]
    [JsonSerializable(typeof(TimeSpan))]
    [JsonSerializable(typeof(string[]))]
    [JsonSerializable(typeof(int[]))]
    [JsonSerializable(typeof(long[]))]
    [JsonSerializable(typeof(double[]))]
    [JsonSerializable(typeof(bool[]))]
    [JsonSerializable(typeof(List<string>))]
    [JsonSerializable(typeof(List<int>))]
    [JsonSerializable(typeof(List<double>))]
    [JsonSerializable(typeof(Dictionary<string, string>))]
    [JsonSerializable(typeof(Dictionary<string, int>))]
    [JsonSerializable(typeof(Dictionary<string, double>))]
    private sealed partial class CommonTypes : JsonSerializerContext;
}
