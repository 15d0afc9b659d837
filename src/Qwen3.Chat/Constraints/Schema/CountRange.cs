using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// Reads how many of something schemas want: keywords whose values are whole numbers, perhaps written as 3.0.
/// </summary>
internal static class CountRange
{
    /// <summary>The tightest of the schemas' bounds.</summary>
    public static (int? Min, int? Max) Of(IReadOnlyList<SchemaLocation> schemas, string minKeyword, string maxKeyword, SchemaLog log)
    {
        int? min = null, max = null;
        foreach (SchemaLocation schema in schemas)
        {
            if (Read(schema, minKeyword, log) is { } least)
            {
                min = int.Max(min ?? 0, least);
            }

            if (Read(schema, maxKeyword, log) is { } most)
            {
                max = int.Min(max ?? most, most);
            }
        }

        return (min, max);
    }

    private static int? Read(SchemaLocation schema, string keyword, SchemaLog log)
    {
        if (schema.Keyword(keyword)?.Element is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && NumberFacts.TryRead(value, out decimal count) &&
            decimal.IsInteger(count) && count is >= 0 and <= Repetition.Limit)
        {
            return (int)count;
        }

        // As a maximum, a count that large is none at all.
        log.Unenforced(keyword, schema);
        return null;
    }
}
