using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

/// <summary>The JSON of requests and answers.</summary>
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(Dictionary<string, object?>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext
{
    // Beyond these a number with a point is not exact.
    private const long MinExact = -(1L << 53), MaxExact = 1L << 53;

    /// <summary>For answers: what is not there is not written, and text stays readable.</summary>
    public static WireJson Answers { get; } = new(new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>For requests: a value of the wrong type is told in words of JSON.</summary>
    public static WireJson Requests { get; } = new(new()
    {
        Converters =
        {
            new PlainConverter<string>("a string", static (ref Utf8JsonReader reader) =>
                reader.TokenType == JsonTokenType.String ? reader.GetString() : null),
            new PlainConverter<bool>("true or false", static (ref Utf8JsonReader reader) => reader.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                _ => null,
            }),
            new PlainConverter<int>("a whole number of at most 32 bits", static (ref Utf8JsonReader reader) =>
                reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) ? value : (int?)Whole(ref reader, int.MinValue, int.MaxValue)),
            new PlainConverter<long>("a whole number of at most 64 bits", static (ref Utf8JsonReader reader) =>
                reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : Whole(ref reader, MinExact, MaxExact)),
            new PlainConverter<float>("a number", static (ref Utf8JsonReader reader) =>
                reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float value) && float.IsFinite(value) ? value : null),
        },
    });

    /// <summary>A whole number that is written with a point or an exponent, as some clients write all of them.</summary>
    private static long? Whole(ref Utf8JsonReader reader, long min, long max) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value) && Math.Truncate(value) == value && value >= min && value <= max
            ? (long)value
            : null;
}

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
