using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Writes a type as its JSON schema.</summary>
internal sealed class TypeConverter : JsonConverter<Type>
{
    // What is asked for is the type of the value, and that is an internal one.
    public override bool CanConvert(Type typeToConvert) => typeof(Type).IsAssignableFrom(typeToConvert);

    public override Type Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Type value, JsonSerializerOptions options) =>
        AIJsonUtilities.CreateJsonSchema(value).WriteTo(writer);
}
