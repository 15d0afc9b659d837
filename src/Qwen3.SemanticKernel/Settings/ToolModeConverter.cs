using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// <c>auto</c>, <c>none</c>, <c>required</c>, and <c>{"required": "Plugin-Function"}</c> for a specific function.
/// </summary>
internal sealed class ToolModeConverter : JsonConverter<ChatToolMode>
{
    private const string Required = "required";

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(ChatToolMode));

    public override ChatToolMode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(JsonElement.ParseValue(ref reader)) ?? throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ChatToolMode value, JsonSerializerOptions options) =>
        Node(value).WriteTo(writer);

    /// <summary>The mode that a text, JSON or a map of YAML stands for, or <see langword="null"/>.</summary>
    public static ChatToolMode? Parse(object? value) => JsonValues.Create(value) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!.ToUpperInvariant() switch
        {
            "AUTO" => ChatToolMode.Auto,
            "NONE" => ChatToolMode.None,
            "REQUIRED" => ChatToolMode.RequireAny,
            _ => null,
        },
        { ValueKind: JsonValueKind.Object } json when Function(json) is { } name => ChatToolMode.RequireSpecific(name),
        _ => null,
    };

    /// <summary>A mode as JSON.</summary>
    public static string Text(ChatToolMode mode) => Node(mode).ToJsonString();

    private static string? Function(JsonElement json) =>
        json.GetPropertyCount() == 1
        && json.TryGetProperty(Required, out JsonElement name)
        && name.ValueKind == JsonValueKind.String
        && !string.IsNullOrWhiteSpace(name.GetString())
            ? name.GetString()
            : null;

    private static JsonNode Node(ChatToolMode mode) => mode switch
    {
        NoneChatToolMode => JsonValue.Create("none"),
        RequiredChatToolMode { RequiredFunctionName: { } name } => new JsonObject { [Required] = name },
        RequiredChatToolMode => JsonValue.Create(Required),
        _ => JsonValue.Create("auto"),
    };
}
