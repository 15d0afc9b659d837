using Qwen3.Chat.Constraints.Patterns;

namespace Qwen3.Chat.Constraints;

/// <summary>What schemas say of strings.</summary>
/// <param name="Pointer">Where they say it.</param>
/// <param name="MinLength">The fewest characters, which are code points.</param>
/// <param name="MaxLength">The most characters, or null.</param>
/// <param name="Format">The expression of the format, or null.</param>
/// <param name="Pattern">The pattern, or null.</param>
internal sealed record StringFacts(string Pointer, int MinLength, int? MaxLength, string? Format, PatternNode? Pattern)
{
    // What is said of lengths and patterns, whether a grammar enforces it or not.
    private (int? Min, int? Max) _lengths;
    private IReadOnlyList<string> _patterns = [];
    private SchemaPatterns? _matcher;

    public bool IsUnlimited => this is { MinLength: 0, MaxLength: null, Format: null, Pattern: null };

    public static StringFacts Of(IReadOnlyList<SchemaLocation> schemas, SchemaPatterns patterns, SchemaLog log)
    {
        (int? Min, int? Max) lengths = CountRange.Of(schemas, "minLength", "maxLength", log);
        (int? min, int? max) = lengths;
        string? format = null, chosen = null;
        PatternNode? pattern = null;
        // A grammar cannot be two things at once: the first format wins, or else the first pattern, and lengths where
        // they fit in.
        foreach ((SchemaLocation schema, string keyword, string value) in schemas.SelectMany(Formats))
        {
            if (!NumberFacts.IsFormat(value) && !(FormatRules.IsKnown(value) && (format ??= value) == value))
            {
                log.Unenforced(keyword, schema);
            }
        }

        foreach ((SchemaLocation schema, string text) in schemas.SelectMany(Patterns))
        {
            bool isFree = format is null && pattern is null;
            if (isFree && FormatRules.OfPattern(text) is { } equivalent)
            {
                (format, chosen) = (equivalent, text);
            }
            else if (isFree && (pattern = patterns.Read(text, schema.Pointer)) is not null)
            {
                chosen = text;
            }
            else if (text != chosen)
            {
                log.Unenforced("pattern", schema);
            }
        }

        if (!(max < min) && (format is not null || (pattern is not null && !pattern.TryLimit(ref min, ref max, out pattern))))
        {
            LogLengths(schemas, log);
            (min, max) = (null, null);
        }

        return new(schemas.Count == 0 ? "#" : schemas[0].Pointer, min ?? 0, max, format, pattern)
        {
            _lengths = lengths,
            _patterns = [.. schemas.SelectMany(Patterns).Select(item => item.Pattern)],
            _matcher = patterns,
        };
    }

    /// <summary>Why there is no such string, or null.</summary>
    public SchemaConflict? FindConflict() => MaxLength < MinLength ? new(Pointer, $"it wants at least {MinLength} characters and at most {MaxLength}") : null;

    /// <summary>Whether a string is of a length that is allowed and matches the patterns.</summary>
    public bool Allows(string text)
    {
        int length = text.EnumerateRunes().Count();
        return !(length < _lengths.Min) && !(length > _lengths.Max) && _patterns.All(pattern => _matcher!.Matches(text, pattern));
    }

    private static void LogLengths(IReadOnlyList<SchemaLocation> schemas, SchemaLog log)
    {
        foreach (SchemaLocation schema in schemas)
        {
            foreach (string keyword in (string[])["minLength", "maxLength"])
            {
                if (schema.Keyword(keyword) is not null)
                {
                    log.Unenforced(keyword, schema);
                }
            }
        }
    }

    private static IEnumerable<(SchemaLocation Schema, string Keyword, string Value)> Formats(SchemaLocation schema)
    {
        foreach (string keyword in (string[])["format", "contentEncoding"])
        {
            if (schema.Text(keyword) is { } format)
            {
                yield return (schema, keyword, format);
            }
        }
    }

    private static IEnumerable<(SchemaLocation Schema, string Pattern)> Patterns(SchemaLocation schema) =>
        schema.Text("pattern") is { } pattern ? [(schema, pattern)] : [];
}
