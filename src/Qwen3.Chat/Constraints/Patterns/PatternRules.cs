namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>A pattern, as an expression of what stands between the quotes of a JSON string.</summary>
internal sealed class PatternRules
{
    private static readonly CharacterSet s_raw = new((' ', '!'), ('#', '['), (']', 0x7E), (0x80, 0x10FFFF));

    private static readonly (int Character, string Escape)[] s_escapes =
        [('"', "\""), ('\\', "\\"), ('\b', "b"), ('\f', "f"), ('\n', "n"), ('\r', "r"), ('\t', "t")];

    private static readonly int[] s_controls = [.. Enumerable.Range(0, ' ').Append(0x7F).Except(s_escapes.Select(item => item.Character))];

    private readonly JsonRules _json;

    // What repeats and may be empty is rewritten, and has parts in common then with what it was: each is done once.
    private readonly Dictionary<PatternNode, string> _repetitions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PatternNode, PatternNode?> _withoutEmpty = new(ReferenceEqualityComparer.Instance);

    private PatternRules(JsonRules json)
    {
        _json = json;
    }

    public static string Of(PatternNode pattern, JsonRules json) => new PatternRules(json).Of(pattern);

    private string Of(PatternNode pattern) => pattern.Kind switch
    {
        PatternKind.Character => Of(pattern.Characters),
        PatternKind.Anything => $"{_json.Character}*",
        PatternKind.Alternatives => OfAlternatives(pattern),
        PatternKind.Repetition => _repetitions.TryGetValue(pattern, out string? known) ? known : _repetitions[pattern] = OfRepetition(pattern),
        _ => OfSequence(pattern.Parts),
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

    private string OfSequence(IReadOnlyList<PatternNode> parts)
    {
        var text = new List<string>();
        _json.Budget.Spend(parts.Count);
        foreach (PatternNode part in parts)
        {
            string next = Of(part);
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

    private string OfAlternatives(PatternNode pattern)
    {
        IEnumerable<PatternNode> parts = pattern.Parts.Where(part => part is not { Kind: PatternKind.Sequence, Parts.Count: 0 });
        string alternatives = Gbnf.Alternatives(parts.Select(part => Of(part)));
        return pattern.Parts.Count == parts.Count() ? alternatives : Gbnf.Optional(alternatives);
    }

    private string OfRepetition(PatternNode pattern)
    {
        // llama.cpp does not repeat what may be empty, and there would be many ways to read it.
        PatternNode? part = pattern.Parts[0];
        bool mayBeEmpty = part.MayBeEmpty;
        part = mayBeEmpty ? WithoutEmpty(part) : part;
        string name = part is null ? "" : _json.Builder.Add(Of(part), "part");
        return part is null ? "" : Repetition.Of(_json.Builder, name, mayBeEmpty ? 0 : pattern.Min, pattern.Max);
    }

    /// <summary>What a pattern that may be empty matches else, or null for nothing.</summary>
    private PatternNode? WithoutEmpty(PatternNode pattern)
    {
        if (!pattern.MayBeEmpty)
        {
            return pattern;
        }

        return _withoutEmpty.TryGetValue(pattern, out PatternNode? known) ? known : _withoutEmpty[pattern] = Shorten(pattern);
    }

    private PatternNode? Shorten(PatternNode pattern)
    {
        switch (pattern.Kind)
        {
            case PatternKind.Repetition:
                return pattern.Max == 0 || WithoutEmpty(pattern.Parts[0]) is not { } part ? null : PatternNode.Repeat(part, 1, pattern.Max);
            case PatternKind.Alternatives:
                PatternNode[] parts = [.. pattern.Parts.Select(WithoutEmpty).OfType<PatternNode>()];
                return parts.Length == 0 ? null : PatternNode.Alternatives(parts);
            default:
                // The first part that is there, and after it all the others as they are.
                _json.Budget.Spend((long)pattern.Parts.Count * pattern.Parts.Count / 2);
                PatternNode[] starts = [.. pattern.Parts
                    .Select((part, index) => WithoutEmpty(part) is { } first ? PatternNode.Sequence([first, .. pattern.Parts.Skip(index + 1)]) : null)
                    .OfType<PatternNode>()];
                return starts.Length == 0 ? null : PatternNode.Alternatives(starts);
        }
    }
}
