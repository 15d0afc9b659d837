using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Writes a response format as Semantic Kernel reads it: <c>text</c>, <c>json_object</c> or a JSON schema.
/// </summary>
internal sealed class ResponseFormatConverter : JsonConverter<object>
{
    public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        if (ResponseFormats.Create(value) is ChatResponseFormatJson json)
        {
            if (json.Schema is { } schema)
            {
                schema.WriteTo(writer);
            }
            else
            {
                writer.WriteStringValue("json_object");
            }
        }
        else
        {
            writer.WriteStringValue("text");
        }
    }
}
