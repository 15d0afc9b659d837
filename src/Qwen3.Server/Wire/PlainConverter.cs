using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

/// <summary>Reads a plain value and says what it must be where it is another; the serializer itself would name a type of .NET.</summary>
internal sealed class PlainConverter<T>(string expected, PlainConverter<T>.ReadValue read) : JsonConverter<T>
    where T : notnull
{
    /// <summary>Reads the value at hand; <see langword="null"/> if it is none.</summary>
    public delegate object? ReadValue(ref Utf8JsonReader reader);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        read(ref reader) is T value ? value : throw new JsonException($"It must be {expected}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are only read.");
}
