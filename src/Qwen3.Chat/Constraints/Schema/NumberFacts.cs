using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>The smallest or the largest number allowed, or the first one that is not.</summary>
internal readonly record struct Bound(decimal Value, bool IsExclusive);

/// <summary>What a schema says of numbers.</summary>
internal sealed class NumberFacts
{
    // The formats of OpenAPI and .NET. A grammar's numbers fit all those that are not whole.
    private static readonly Dictionary<string, (decimal Low, decimal High)?> s_formats = new()
    {
        ["int8"] = (sbyte.MinValue, sbyte.MaxValue), ["int16"] = (short.MinValue, short.MaxValue), ["int32"] = (int.MinValue, int.MaxValue),
        ["int64"] = (long.MinValue, long.MaxValue), ["uint8"] = (0, byte.MaxValue), ["uint16"] = (0, ushort.MaxValue),
        ["uint32"] = (0, uint.MaxValue), ["uint64"] = (0, ulong.MaxValue), ["float"] = null, ["double"] = null, ["decimal"] = null,
    };

    /// <summary>
    /// Up to here bounds are kept, and numbers written: what lies beyond, decimal does not hold, or not with a digit
    /// more.
    /// </summary>
    public const decimal Limit = 1e28m;

    public Bound? Low { get; private set; }

    public Bound? High { get; private set; }

    /// <summary>The most digits behind the decimal point, or null.</summary>
    public int? Scale { get; private set; }

    public bool IsUnlimited => Low is null && High is null && Scale is null;

    public static bool IsFormat(string format) => s_formats.ContainsKey(format);

    /// <summary>The types of number that a format is of, none for a format of strings.</summary>
    public static JsonTypes TypesOf(string format) =>
        !s_formats.TryGetValue(format, out (decimal, decimal)? range) ? JsonTypes.None : range is null ? JsonTypes.Number : JsonTypes.Integer;

    public void Add(SchemaLocation schema, SchemaLog log)
    {
        foreach ((string name, SchemaLocation keyword) in schema.Members)
        {
            JsonElement value = keyword.Element;
            switch (name)
            {
                case "minimum" when value.ValueKind == JsonValueKind.Number:
                    RaiseLow(value, IsTrue(schema.Element, "exclusiveMinimum"));
                    break;
                case "maximum" when value.ValueKind == JsonValueKind.Number:
                    LowerHigh(value, IsTrue(schema.Element, "exclusiveMaximum"));
                    break;
                case "exclusiveMinimum" when value.ValueKind == JsonValueKind.Number:
                    RaiseLow(value, isExclusive: true);
                    break;
                case "exclusiveMaximum" when value.ValueKind == JsonValueKind.Number:
                    LowerHigh(value, isExclusive: true);
                    break;
                case "exclusiveMinimum" or "exclusiveMaximum" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    // As draft 4 has it: said of the bound beside it.
                    break;
                case "multipleOf" when value.ValueKind != JsonValueKind.Null:
                    AddMultiple(value, schema, log);
                    break;
                case "format" when value.ValueKind == JsonValueKind.String && s_formats.GetValueOrDefault(value.GetString()!) is { } range:
                    RaiseLow(new(range.Low, IsExclusive: false));
                    LowerHigh(new(range.High, IsExclusive: false));
                    break;
                case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" when value.ValueKind != JsonValueKind.Null:
                    log.Unenforced(name, schema);
                    break;
            }
        }
    }

    /// <summary>The bounds of an integer, both included.</summary>
    public (decimal Low, decimal High) IntegerBounds()
    {
        decimal? low = Low is { } l ? decimal.Ceiling(l.Value) + (l.IsExclusive && decimal.IsInteger(l.Value) ? 1 : 0) : null;
        decimal? high = High is { } h ? decimal.Floor(h.Value) - (h.IsExclusive && decimal.IsInteger(h.Value) ? 1 : 0) : null;
        // An open side ends where long does, unless the other bound lies beyond.
        return (low ?? (high < long.MinValue ? 1 - Limit : long.MinValue), high ?? (low > long.MaxValue ? Limit - 1 : long.MaxValue));
    }

    /// <summary>Whether a number is within the bounds.</summary>
    public bool Contains(JsonElement number) =>
        !TryRead(number, out decimal value) ||
        ((Low is not { } low || value > low.Value || (value == low.Value && !low.IsExclusive)) &&
        (High is not { } high || value < high.Value || (value == high.Value && !high.IsExclusive)) &&
        (Scale is not { } scale || value == decimal.Round(value, scale)));

    public static bool TryRead(JsonElement number, out decimal value) =>
        decimal.TryParse(JsonMarshal.GetRawUtf8Value(number), NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static bool IsTrue(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private void RaiseLow(JsonElement value, bool isExclusive)
    {
        // One such as double.MinValue is no bound to what the grammar writes.
        if (TryRead(value, out decimal low) && decimal.Abs(low) < Limit)
        {
            RaiseLow(new(low, isExclusive));
        }
    }

    private void LowerHigh(JsonElement value, bool isExclusive)
    {
        if (TryRead(value, out decimal high) && decimal.Abs(high) < Limit)
        {
            LowerHigh(new(high, isExclusive));
        }
    }

    private void RaiseLow(Bound low) =>
        Low = Low is { } other && (other.Value > low.Value || (other.Value == low.Value && other.IsExclusive)) ? other : low;

    private void LowerHigh(Bound high) =>
        High = High is { } other && (other.Value < high.Value || (other.Value == high.Value && other.IsExclusive)) ? other : high;

    private void AddMultiple(JsonElement value, SchemaLocation schema, SchemaLog log)
    {
        // Of multiples, digits tell those of 1, 0.1, 0.01 and so on.
        for (int scale = 0; scale <= 16 && value.ValueKind == JsonValueKind.Number && TryRead(value, out decimal multiple); scale++)
        {
            if (multiple == new decimal(1, 0, 0, isNegative: false, (byte)scale))
            {
                Scale = int.Min(Scale ?? scale, scale);
                return;
            }
        }

        log.Unenforced("multipleOf", schema);
    }
}
