using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary><c>auto</c>, <c>none</c>, <c>required</c>, and <c>{"required": "Plugin-Function"}</c> for a certain function.</summary>
internal sealed class ToolModeConverter : JsonConverter<ChatToolMode>
{
    private const string Required = "required";

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(ChatToolMode));

    public override ChatToolMode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonNode.Parse(ref reader) switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text.ToUpperInvariant() switch
        {
            "AUTO" => ChatToolMode.Auto,
            "NONE" => ChatToolMode.None,
            "REQUIRED" => ChatToolMode.RequireAny,
            _ => throw new JsonException(),
        },
        JsonObject { Count: 1 } only when only[Required] is JsonValue value && value.TryGetValue(out string? name) && name.Trim().Length > 0 => ChatToolMode.RequireSpecific(name),
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, ChatToolMode value, JsonSerializerOptions options) => Node(value).WriteTo(writer);

    /// <summary>A mode as it stands in JSON.</summary>
    public static string Text(ChatToolMode mode) => Node(mode).ToJsonString();

    private static JsonNode Node(ChatToolMode mode) => mode switch
    {
        NoneChatToolMode => JsonValue.Create("none"),
        RequiredChatToolMode { RequiredFunctionName: { } name } => new JsonObject { [Required] = name },
        RequiredChatToolMode => JsonValue.Create(Required),
        _ => JsonValue.Create("auto"),
    };
}
