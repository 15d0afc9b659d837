using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Qwen3.Server.Mapping;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Description;

/// <summary>Says of the wire's types what they do not say by themselves: which fields must be there, and what those of several types hold.</summary>
internal static class SchemaDescriptions
{
    public static void Complete(OpenApiSchema schema, Type type, JsonPropertyInfo? property)
    {
        if (type.Namespace == typeof(WireJson).Namespace)
        {
            CompleteObject(schema, type);
        }

        if (property?.DeclaringType is { } declaring && declaring.Namespace == typeof(WireJson).Namespace)
        {
            CompleteField(schema, declaring, property.Name);
        }
    }

    private static void CompleteObject(OpenApiSchema schema, Type type)
    {
        string[] required = type.Name switch
        {
            nameof(ChatCompletionRequest) => ["messages"],
            nameof(RequestMessage) => ["role"],
            nameof(ToolDefinition) => ["type", "function"],
            nameof(FunctionDefinition) or nameof(CalledFunction) => ["name"],
            nameof(ResponseFormat) => ["type"],
            nameof(NamedSchema) => ["schema"],
            _ => [],
        };
        foreach (string name in required)
        {
            (schema.Required ??= new HashSet<string>()).Add(name);
        }

        foreach (string name in type == typeof(ChatCompletionRequest) ? RefusedFields.Names : [])
        {
            schema.Properties?.Remove(name);
        }

        foreach ((string name, OpenApiSchema field) in FieldsOfSeveralTypes(type))
        {
            field.Description = type.GetProperties()
                .FirstOrDefault(member => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name == name)?
                .GetCustomAttribute<DescriptionAttribute>()?.Description;
            (schema.Properties ??= new Dictionary<string, IOpenApiSchema>())[name] = field;
        }
    }

    // Types in a list, not choices of schemas: of those many generators make a class that holds none of them.
    private static IEnumerable<(string Name, OpenApiSchema Field)> FieldsOfSeveralTypes(Type type) => type.Name switch
    {
        nameof(RequestMessage) => [("content", TextOr(JsonSchemaType.Array, items: Object(new() { ["type"] = Text(), ["text"] = Text() })))],
        nameof(ChatCompletionRequest) =>
        [
            ("stop", TextOr(JsonSchemaType.Array, items: Text())),
            (
                "tool_choice",
                TextOr(JsonSchemaType.Object, properties: new() { ["type"] = Text(), ["function"] = Object(new() { ["name"] = Text() }) })),
        ],
        nameof(FunctionDefinition) => [("parameters", AnyObject())],
        nameof(NamedSchema) or nameof(ResponseFormat) => [("schema", AnyObject())],
        _ => [],
    };

    private static void CompleteField(OpenApiSchema schema, Type type, string field)
    {
        if (schema.Type is { } types && (types & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            // ASP.NET Core itself would take numbers in strings; these endpoints do not.
            schema.Type = types & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        string[] words = (type.Name, field) switch
        {
            (nameof(RequestMessage), "role") => ["system", "developer", "user", "assistant", "tool"],
            (nameof(ChatCompletionRequest), "reasoning_effort") => ["none", "minimal", "low", "medium", "high", "xhigh"],
            (nameof(ResponseFormat), "type") => ["text", "json_object", "json_schema"],
            (nameof(Choice) or nameof(ChunkChoice), "finish_reason") => ["stop", "length", "tool_calls", "content_filter"],
            (nameof(ToolDefinition) or nameof(ToolCall), "type") => ["function"],
            _ => [],
        };
        if (words.Length > 0)
        {
            schema.Enum = [.. words.Select(word => JsonValue.Create(word))];
            if ((schema.Type & JsonSchemaType.Null) == JsonSchemaType.Null)
            {
                schema.Enum.Add(JsonNullSentinel.JsonNull);
            }
        }
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema TextOr(JsonSchemaType other, OpenApiSchema? items = null, Dictionary<string, IOpenApiSchema>? properties = null) =>
        new() { Type = JsonSchemaType.Null | JsonSchemaType.String | other, Items = items, Properties = properties };

    private static OpenApiSchema Object(Dictionary<string, IOpenApiSchema> properties) =>
        new() { Type = JsonSchemaType.Object, Properties = properties, Required = properties.Keys.ToHashSet() };

    private static OpenApiSchema AnyObject() => new() { Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = true };
}
