using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// The values that users of Semantic Kernel's connectors set as a response's format, as formats of
/// Microsoft.Extensions.AI.
/// </summary>
internal static class ResponseFormats
{
    private const string Expected =
        "Give \"text\", \"json_object\", a .NET type, a JsonTypeInfo, a JSON schema, or a ChatResponseFormat of "
        + "Microsoft.Extensions.AI.";

    // As Semantic Kernel's OpenAI connector makes schemas of types, so that System.Text.Json's default options read the
    // answer.
    private static readonly AIJsonSchemaCreateOptions s_schemas = new()
    {
        TransformOptions = new()
        {
            DisallowAdditionalProperties = true,
            RequireAllProperties = true,
            MoveDefaultKeywordToDescription = true,
        },
        TransformSchemaNode = AddRange,
    };

    private static readonly Lazy<JsonSerializerOptions> s_reflection = new(ReflectionOptions);

    /// <exception cref="ArgumentException">The value is not a format.</exception>
    public static ChatResponseFormat? Create(object? value) =>
        value switch
        {
            null or "" => null,
            ChatResponseFormat format => format,
            JsonTypeInfo type => Create(type.Type, type.Options),
            Type type when JsonSerializer.IsReflectionEnabledByDefault => Create(type, s_reflection.Value),
            Type type => throw new ArgumentException(
                $"The setting response_format is the type {type}, and reflection-based JSON is switched off in this "
                    + "app (JsonSerializerIsReflectionEnabledByDefault). Declare a JsonSerializerContext with "
                    + $"[JsonSerializable(typeof({type.Name}))] and set the type's JsonTypeInfo: ResponseFormat = YourJsonContext.Default.{type.Name}."),
            "text" => ChatResponseFormat.Text,
            "json_object" => ChatResponseFormat.Json,
            JsonElement { ValueKind: JsonValueKind.String } text => Create(text.GetString()),
            JsonElement { ValueKind: JsonValueKind.Object } element => Create(element),
            JsonNode or IDictionary when JsonValues.Create(value) is { } element => Create((object)element),
            _ => throw new ArgumentException(
                $"The setting response_format is {SettingValues.Show(value)}, which is not supported. {Expected}"),
        };

    private static ChatResponseFormat Create(JsonElement element)
    {
        switch (Text(element, "type"))
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            // OpenAI's chat completions wrap the schema twice, its responses once.
            case "json_schema":
                JsonElement wrapper =
                    element.TryGetProperty("json_schema", out JsonElement inner)
                    && inner.ValueKind == JsonValueKind.Object
                        ? inner
                        : element;
                return wrapper.TryGetProperty("schema", out JsonElement schema)
                    ? ChatResponseFormat.ForJsonSchema(schema, Text(wrapper, "name"), Text(wrapper, "description"))
                    : throw new ArgumentException(
                        "The setting response_format is of the type json_schema and has no \"schema\".");
            default:
                return ChatResponseFormat.ForJsonSchema(element);
        }
    }

    private static ChatResponseFormatJson Create(Type type, JsonSerializerOptions options)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(
            type,
            serializerOptions: options,
            inferenceOptions: s_schemas);
        return ChatResponseFormat.ForJsonSchema(schema, Name(type));
    }

    private static string Name(Type type) =>
        type.IsGenericType
            ? string.Concat(type.GetGenericArguments().Select(Name))
                + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]
            : type.Name;

    /// <summary>
    /// Adds the range of a .NET integer, without which a model can write a number that the type has no room for.
    /// </summary>
    private static JsonNode AddRange(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        JsonNode? range = type == typeof(byte) ? Range<byte>() : type == typeof(sbyte) ? Range<sbyte>()
            : type == typeof(short) ? Range<short>() : type == typeof(ushort) ? Range<ushort>()
            : type == typeof(int) ? Range<int>() : type == typeof(uint) ? Range<uint>()
            : type == typeof(long) ? Range<long>() : type == typeof(ulong) ? Range<ulong>()
            : null;
        if (
            range is JsonObject bounds
            && schema is JsonObject node
            && !node.ContainsKey("minimum")
            && !node.ContainsKey("maximum")
            && !node.ContainsKey("enum"))
        {
            node["minimum"] = bounds["minimum"]!.DeepClone();
            node["maximum"] = bounds["maximum"]!.DeepClone();
        }

        return schema;

        static JsonObject Range<T>() where T : IMinMaxValue<T> =>
            new() { ["minimum"] = Number(T.MinValue), ["maximum"] = Number(T.MaxValue) };

        static JsonNode? Number<T>(T value) => JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $"{value}"));
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "Used only where the app has reflection-based JSON switched on."
    )]
    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "Used only where the app has reflection-based JSON switched on."
    )]
    private static JsonSerializerOptions ReflectionOptions()
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter() },
        };
        options.MakeReadOnly();
        return options;
    }
}
