using System.Text.Json;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>
/// Converts arguments from JSON where Semantic Kernel does not: enumerations, and plain values where reflection-based
/// JSON is off.
/// </summary>
internal static class FunctionArguments
{
    public static void Convert(KernelFunction function, IDictionary<string, object?> arguments)
    {
        foreach (KernelParameterMetadata parameter in function.Metadata.Parameters)
        {
            if (
                parameter.ParameterType is { } type
                && arguments.TryGetValue(parameter.Name, out object? value)
                && value is JsonElement json)
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
            JsonValueKind.String when type == typeof(Guid) && json.TryGetGuid(out Guid id) => id,
            JsonValueKind.String when type == typeof(DateTime) && json.TryGetDateTime(out DateTime time) => time,
            JsonValueKind.String when type == typeof(DateTimeOffset) && json.TryGetDateTimeOffset(out var time) => time,
            JsonValueKind.Number => Number(json, type),
            _ => null,
        };
    }

    private static object? Number(JsonElement json, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 when json.TryGetInt32(out int value) => value,
        TypeCode.Int64 when json.TryGetInt64(out long value) => value,
        TypeCode.Double when json.TryGetDouble(out double value) => value,
        TypeCode.Single when json.TryGetSingle(out float value) => value,
        TypeCode.Decimal when json.TryGetDecimal(out decimal value) => value,
        TypeCode.Byte when json.TryGetByte(out byte value) => value,
        TypeCode.SByte when json.TryGetSByte(out sbyte value) => value,
        TypeCode.Int16 when json.TryGetInt16(out short value) => value,
        TypeCode.UInt16 when json.TryGetUInt16(out ushort value) => value,
        TypeCode.UInt32 when json.TryGetUInt32(out uint value) => value,
        TypeCode.UInt64 when json.TryGetUInt64(out ulong value) => value,
        _ => null,
    };
}
