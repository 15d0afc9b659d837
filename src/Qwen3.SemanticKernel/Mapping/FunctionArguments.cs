using System.Text.Json;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Converts arguments from JSON where Semantic Kernel does not: enumerations, and plain values where reflection-based JSON is off.</summary>
internal static class FunctionArguments
{
    public static void Convert(KernelFunction function, IDictionary<string, object?> arguments)
    {
        foreach (KernelParameterMetadata parameter in function.Metadata.Parameters)
        {
            if (parameter.ParameterType is { } type && arguments.TryGetValue(parameter.Name, out object? value) && value is JsonElement json)
            {
                arguments[parameter.Name] = Convert(json, Nullable.GetUnderlyingType(type) ?? type) ?? value;
            }
        }
    }

    private static object? Convert(JsonElement json, Type type)
    {
        if (type.IsEnum)
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }

        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            // Semantic Kernel reads them, and a number stays as the model wrote it.
            return null;
        }

        return json.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False when type == typeof(bool) => json.GetBoolean(),
            JsonValueKind.String when type == typeof(string) => json.GetString(),
            JsonValueKind.String when type == typeof(Guid) => json.TryGetGuid(out Guid value) ? value : null,
            JsonValueKind.String when type == typeof(DateTime) => json.TryGetDateTime(out DateTime value) ? value : null,
            JsonValueKind.String when type == typeof(DateTimeOffset) => json.TryGetDateTimeOffset(out DateTimeOffset value) ? value : null,
            JsonValueKind.Number => Number(json, type),
            _ => null,
        };
    }

    private static object? Number(JsonElement json, Type type) =>
        type == typeof(int) ? json.TryGetInt32(out int i) ? i : null
        : type == typeof(long) ? json.TryGetInt64(out long l) ? l : null
        : type == typeof(double) ? json.TryGetDouble(out double d) ? d : null
        : type == typeof(float) ? json.TryGetSingle(out float f) ? f : null
        : type == typeof(decimal) ? json.TryGetDecimal(out decimal m) ? m : null
        : type == typeof(byte) ? json.TryGetByte(out byte b) ? b : null
        : type == typeof(sbyte) ? json.TryGetSByte(out sbyte sb) ? sb : null
        : type == typeof(short) ? json.TryGetInt16(out short s) ? s : null
        : type == typeof(ushort) ? json.TryGetUInt16(out ushort us) ? us : null
        : type == typeof(uint) ? json.TryGetUInt32(out uint ui) ? ui : null
        : type == typeof(ulong) ? json.TryGetUInt64(out ulong ul) ? ul : null
        : null;
}
