using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>What users of Semantic Kernel's connectors set as a response's format, as Microsoft.Extensions.AI's own.</summary>
internal static class ResponseFormats
{
    /// <exception cref="ArgumentException">It says no format.</exception>
    public static ChatResponseFormat? Create(object? value) => value switch
    {
        null => null,
        ChatResponseFormat format => format,
        Type type => ChatResponseFormat.ForJsonSchema(type),
        "text" => ChatResponseFormat.Text,
        "json_object" => ChatResponseFormat.Json,
        JsonElement { ValueKind: JsonValueKind.String } text => Create(text.GetString()),
        JsonElement { ValueKind: JsonValueKind.Object } element => OfObject(element),
        JsonNode or IDictionary => Create(JsonSerializer.SerializeToElement(value)),
        _ => throw new ArgumentException(
            $"The setting response_format is {(value is string or JsonElement ? $"'{value}'" : $"a {value.GetType()}")}. Give \"text\", \"json_object\", " +
            "a .NET type, a JSON schema or a ChatResponseFormat."),
    };

    private static ChatResponseFormat OfObject(JsonElement element)
    {
        switch (Text(element, "type"))
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            // As OpenAI's two interfaces have it: wrapped twice, or once.
            case "json_schema":
                JsonElement wrapper = element.TryGetProperty("json_schema", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : element;
                return wrapper.TryGetProperty("schema", out JsonElement schema)
                    ? ChatResponseFormat.ForJsonSchema(schema, Text(wrapper, "name"), Text(wrapper, "description"))
                    : throw new ArgumentException("The setting response_format is of the type json_schema and has no \"schema\".");
            default:
                return ChatResponseFormat.ForJsonSchema(element);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
