using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Format;

/// <summary>Reads settings from the additional properties of a request.</summary>
internal static class AdditionalOptions
{
    /// <exception cref="ArgumentException">The value is not a number.</exception>
    public static float? Number(ChatOptions options, string name) => (float?)Value(options, name);

    /// <exception cref="ArgumentException">The value is not an integer.</exception>
    public static int? Integer(ChatOptions options, string name)
    {
        decimal? number = Value(options, name);
        return number is null ? null
            : number == decimal.Truncate(number.Value) && number is >= int.MinValue and <= int.MaxValue ? (int)number
            : throw new ArgumentException(
                $"The option {name} is '{number}'. It must be an integer from {int.MinValue} to {int.MaxValue}.",
                nameof(options));
    }

    private static decimal? Value(ChatOptions options, string name)
    {
        object? value = options.AdditionalProperties?.GetValueOrDefault(name);
        try
        {
            return value switch
            {
                null or JsonElement { ValueKind: JsonValueKind.Null } => null,
                JsonElement { ValueKind: JsonValueKind.Number } number => number.GetDecimal(),
                IConvertible convertible and not (bool or char or DateTime) =>
                    convertible.ToDecimal(CultureInfo.InvariantCulture),
                _ => throw new FormatException(),
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            throw new ArgumentException($"The option {name} is '{value}'. It must be a number.", nameof(options), e);
        }
    }
}
