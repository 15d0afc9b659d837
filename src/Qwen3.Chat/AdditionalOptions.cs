using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat;

/// <summary>Reads the settings that have no property of their own, under the names that servers give them.</summary>
internal static class AdditionalOptions
{
    /// <exception cref="ArgumentException">It is set, and no number.</exception>
    public static float? Number(ChatOptions options, string name)
    {
        switch (options.AdditionalProperties?.GetValueOrDefault(name))
        {
            case null:
                return null;
            case JsonElement { ValueKind: JsonValueKind.Number } number:
                return number.GetSingle();
            case IConvertible value when value is not (bool or char or DateTime):
                try
                {
                    return value.ToSingle(CultureInfo.InvariantCulture);
                }
                catch (Exception e) when (e is FormatException or OverflowException)
                {
                    throw new ArgumentException($"The option {name} is '{value}', which is no number.", nameof(options), e);
                }

            case object value:
                throw new ArgumentException($"The option {name} is '{value}', which is no number.", nameof(options));
        }
    }

    /// <exception cref="ArgumentException">It is set, and no whole number.</exception>
    public static int? Integer(ChatOptions options, string name)
    {
        float? number = Number(options, name);
        return number is null ? null
            : number == MathF.Truncate(number.Value) && number is >= int.MinValue and < int.MaxValue ? (int)number
            : throw new ArgumentException($"The option {name} is '{number}', which is no whole number.", nameof(options));
    }
}
