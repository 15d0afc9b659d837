using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Format;

/// <summary>Reads the settings that have no property of their own, under the names that servers give them.</summary>
internal static class AdditionalOptions
{
    /// <exception cref="ArgumentException">It is set, and no number.</exception>
    public static float? Number(ChatOptions options, string name) => (float?)Value(options, name);

    /// <exception cref="ArgumentException">It is set, and no whole number.</exception>
    public static int? Integer(ChatOptions options, string name)
    {
        decimal? number = Value(options, name);
        return number is null ? null
            : number == decimal.Truncate(number.Value) && number is >= int.MinValue and <= int.MaxValue ? (int)number
            : throw new ArgumentException($"The option {name} is '{number}', which is no whole number from {int.MinValue} to {int.MaxValue}.", nameof(options));
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
                IConvertible convertible and not (bool or char or DateTime) => convertible.ToDecimal(CultureInfo.InvariantCulture),
                _ => throw new FormatException(),
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            throw new ArgumentException($"The option {name} is '{value}', which is no number.", nameof(options), e);
        }
    }
}
