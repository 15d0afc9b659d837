using System.Text.Json;
using System.Text.Json.Serialization;
using OllamaSharp.Models.Chat;

namespace Qwen3.Remote;

/// <summary>Reads a piece of an answer of Ollama, or what it says where it cannot go on, which OllamaSharp takes for an empty piece.</summary>
internal sealed class OllamaLineConverter(ServerFailures failures) : JsonConverter<ChatResponseStream>
{
    public override ChatResponseStream? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonElement line = JsonElement.ParseValue(ref reader);
        return line.ValueKind == JsonValueKind.Object && line.TryGetProperty("error", out JsonElement error)
            ? throw failures.BrokenOff(error.ToString())
            : line.Deserialize(OllamaChatJson.Default.ChatResponseStream);
    }

    public override void Write(Utf8JsonWriter writer, ChatResponseStream value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, OllamaChatJson.Default.ChatResponseStream);
}
