namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>Patterns, as expressions of what stands between the quotes of a JSON string.</summary>
internal static class PatternRules
{
    private static readonly CharacterSet s_raw = new((' ', '!'), ('#', '['), (']', 0x7E), (0x80, 0x10FFFF));

    private static readonly (int Character, string Escape)[] s_escapes =
        [('"', "\""), ('\\', "\\"), ('\b', "b"), ('\f', "f"), ('\n', "n"), ('\r', "r"), ('\t', "t")];

    private static readonly int[] s_controls = [.. Enumerable.Range(0, ' ').Append(0x7F).Except(s_escapes.Select(item => item.Character))];

    public static string Of(PatternNode pattern, JsonRules json) => pattern.Kind switch
    {
        PatternKind.Character => Of(pattern.Characters),
        PatternKind.Anything => $"{json.Character}*",
        PatternKind.Alternatives => OfAlternatives(pattern, json),
        PatternKind.Repetition => OfRepetition(pattern, json),
        _ => OfSequence(pattern.Parts, json),
    };

    /// <summary>One character of a set: itself, or the escape that JSON has it as.</summary>
    private static string Of(CharacterSet characters)
    {
        var alternatives = new List<string>();
        if (characters.Ranges is [var (only, last)] && only == last && s_raw.Contains(only))
        {
            return Gbnf.Literal(char.ConvertFromUtf32(only));
        }

        if (characters.Intersect(s_raw) is { Ranges.Count: > 0 } raw)
        {
            alternatives.Add(Gbnf.OneOf(raw.Ranges));
        }

        string escapes = string.Concat(s_escapes.Where(item => characters.Contains(item.Character)).Select(item => item.Escape));
        if (escapes.Length > 0)
        {
            alternatives.Add($"\"\\\\\" {Gbnf.OneOf(escapes.Select(escape => ((int)escape, (int)escape)))}");
        }

        // The control characters that have no short escape, unless there is much else in the set, where nobody misses them.
        int[] controls = [.. s_controls.Where(characters.Contains)];
        if (controls.Length < 20 || alternatives.Count == 0)
        {
            alternatives.AddRange(controls.Select(value => $"\"\\\\u00\" {Hex(value >> 4)} {Hex(value & 15)}"));
        }

        return Gbnf.Alternatives(alternatives);
    }

    private static string Hex(int digit) => digit < 10 ? $"\"{digit}\"" : $"[{digit:x}{digit:X}]";

    private static string OfSequence(IReadOnlyList<PatternNode> parts, JsonRules json)
    {
        var text = new List<string>();
        foreach (PatternNode part in parts)
        {
            string next = Of(part, json);
            // Neighbouring literals are one.
            bool joins = text is [.., ['"', .., '"'] before] && IsLiteral(before) && IsLiteral(next);
            if (joins)
            {
                text[^1] = text[^1][..^1] + next[1..];
            }
            else
            {
                text.Add(next);
            }
        }

        return Gbnf.Sequence(text);
    }

    private static bool IsLiteral(string expression) => expression.StartsWith('"') && !expression.Contains("\" ");

    private static string OfAlternatives(PatternNode pattern, JsonRules json)
    {
        IEnumerable<PatternNode> parts = pattern.Parts.Where(part => part is not { Kind: PatternKind.Sequence, Parts.Count: 0 });
        string alternatives = Gbnf.Alternatives(parts.Select(part => Of(part, json)));
        return pattern.Parts.Count == parts.Count() ? alternatives : Gbnf.Optional(alternatives);
    }

    private static string OfRepetition(PatternNode pattern, JsonRules json)
    {
        // llama.cpp does not repeat what may be empty, and there would be many ways to read it.
        PatternNode? part = pattern.Parts[0];
        bool mayBeEmpty = part.MayBeEmpty;
        part = mayBeEmpty ? WithoutEmpty(part) : part;
        string name = part is null ? "" : json.Builder.Add(Of(part, json), "part");
        return part is null ? "" : Repetition.Of(json.Builder, name, mayBeEmpty ? 0 : pattern.Min, pattern.Max);
    }

    /// <summary>What a pattern that may be empty matches else, or null for nothing.</summary>
    private static PatternNode? WithoutEmpty(PatternNode pattern)
    {
        if (!pattern.MayBeEmpty)
        {
            return pattern;
        }

        switch (pattern.Kind)
        {
            case PatternKind.Repetition:
                return pattern.Max == 0 || WithoutEmpty(pattern.Parts[0]) is not { } part ? null : PatternNode.Repeat(part, 1, pattern.Max);
            case PatternKind.Alternatives:
                PatternNode[] parts = [.. pattern.Parts.Select(WithoutEmpty).OfType<PatternNode>()];
                return parts.Length == 0 ? null : PatternNode.Alternatives(parts);
            default:
                // The first part that is there, and after it all the others as they are.
                PatternNode[] starts = [.. pattern.Parts
                    .Select((part, index) => WithoutEmpty(part) is { } first ? PatternNode.Sequence([first, .. pattern.Parts.Skip(index + 1)]) : null)
                    .OfType<PatternNode>()];
                return starts.Length == 0 ? null : PatternNode.Alternatives(starts);
        }
    }
}
