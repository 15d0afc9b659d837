using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// Holds integers to the ranges of their .NET types, where these are known: the schemas of Microsoft.Extensions.AI say
/// no more of an <c>int</c> or a <c>ulong</c> than that it is an integer.
/// </summary>
internal static class DotNetRanges
{
    private const int MaxDepth = 32;

    private static readonly Dictionary<Type, string> s_formats = new()
    {
        [typeof(sbyte)] = "int8", [typeof(short)] = "int16", [typeof(int)] = "int32", [typeof(long)] = "int64",
        [typeof(byte)] = "uint8", [typeof(ushort)] = "uint16", [typeof(uint)] = "uint32", [typeof(ulong)] = "uint64",
    };

    private static readonly Dictionary<string, Type> s_typesByName = s_formats.Keys.ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly string[] s_bounds = ["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"];

    private static readonly ConditionalWeakTable<AIFunctionDeclaration, object> s_functions = [];

    /// <summary>
    /// The schema of a function's arguments, with the ranges of the method's parameters if it has a method.
    /// </summary>
    public static JsonElement SchemaOf(AIFunctionDeclaration function) => (JsonElement)s_functions.GetValue(function, static function =>
        function is AIFunction { UnderlyingMethod: { } method } known && function.JsonSchema.ValueKind == JsonValueKind.Object
            ? Apply(function.JsonSchema, known.JsonSerializerOptions, method.GetParameters())
            : function.JsonSchema);

    /// <summary>
    /// The schema of an answer, with the range of the type that it is named after if that is an integer's.
    /// </summary>
    /// <remarks>
    /// A response format does not have the type that it was made of, but by default its name.
    /// <c>GetResponseAsync&lt;int&gt;</c> puts the number into an object's property <c>data</c>.
    /// </remarks>
    public static JsonElement? SchemaOf(ChatResponseFormatJson format)
    {
        if (format is not { Schema: { ValueKind: JsonValueKind.Object } schema, SchemaName: { } name } || !s_typesByName.TryGetValue(name, out Type? type))
        {
            return format.Schema;
        }

        JsonNode root = JsonNode.Parse(schema.GetRawText())!;
        JsonNode? number = root["properties"] is JsonObject { Count: 1 } properties ? properties["data"] : root;
        return Limit(number, type, options: null, MaxDepth) ? JsonElement.Parse(root.ToJsonString()) : schema;
    }

    private static JsonElement Apply(JsonElement schema, JsonSerializerOptions? options, ParameterInfo[] parameters)
    {
        try
        {
            JsonNode root = JsonNode.Parse(schema.GetRawText())!;
            bool isChanged = false;
            foreach (ParameterInfo parameter in root["properties"] is JsonObject ? parameters : [])
            {
                isChanged |= parameter.Name is { } name && Limit(root["properties"]![name], parameter.ParameterType, options, MaxDepth);
            }

            return isChanged ? JsonElement.Parse(root.ToJsonString()) : schema;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Duplicate names, or text that is not Unicode, of which SchemaDocument tells the place.
            return schema;
        }
    }

    private static bool Limit(JsonNode? schema, Type type, JsonSerializerOptions? options, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (schema is not JsonObject node || depth == 0)
        {
            return false;
        }

        if (s_formats.TryGetValue(type, out string? format))
        {
            bool isLimited = IsInteger(node["type"]) && !Array.Exists(s_bounds, node.ContainsKey);
            if (isLimited)
            {
                node["format"] = format;
            }

            return isLimited;
        }

        // The serializer knows the types within this one.
        if (options is null || !options.TryGetTypeInfo(type, out JsonTypeInfo? info))
        {
            return false;
        }

        bool isChanged = false;
        foreach (JsonPropertyInfo property in node["properties"] is JsonObject ? info.Properties : [])
        {
            isChanged |= Limit(node["properties"]![property.Name], property.PropertyType, options, depth - 1);
        }

        if (info.ElementType is { } element)
        {
            isChanged |= Limit(node["items"], element, options, depth - 1);
            isChanged |= Limit(node["additionalProperties"], element, options, depth - 1);
        }

        return isChanged;
    }

    private static bool IsInteger(JsonNode? type) => type switch
    {
        JsonValue value => value.TryGetValue(out string? name) && name == "integer",
        JsonArray names => names.Any(IsInteger),
        _ => false,
    };
}
