using static Qwen3.Chat.Constraints.Expressions;

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
    private readonly Dictionary<PatternNode, Expression> _repetitions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PatternNode, PatternNode?> _withoutEmpty = new(ReferenceEqualityComparer.Instance);

    private PatternRules(JsonRules json)
    {
        _json = json;
    }

    public static Expression For(PatternNode pattern, JsonRules json) => new PatternRules(json).For(pattern);

    private Expression For(PatternNode pattern) => pattern.Kind switch
    {
        PatternKind.Character => For(pattern.Characters),
        PatternKind.Anything => _json.Character.Star(),
        PatternKind.Alternatives => ForAlternatives(pattern),
        PatternKind.Repetition => _repetitions.TryGetValue(pattern, out Expression? known) ? known : _repetitions[pattern] = ForRepetition(pattern),
        _ => ForSequence(pattern.Parts),
    };

    /// <summary>One character of a set: itself, or the escape that JSON has it as.</summary>
    private static Expression For(CharacterSet characters)
    {
        var alternatives = new List<Expression>();
        if (characters.Ranges is [var (only, last)] && only == last && s_raw.Contains(only))
        {
            return char.ConvertFromUtf32(only);
        }

        if (characters.Intersect(s_raw) is { Ranges.Count: > 0 } raw)
        {
            alternatives.Add(Expression.Characters(raw.Ranges));
        }

        string escapes = string.Concat(s_escapes.Where(item => characters.Contains(item.Character)).Select(item => item.Escape));
        if (escapes.Length > 0)
        {
            alternatives.Add("\\" + Expression.Characters(escapes.Select(escape => ((int)escape, (int)escape))));
        }

        // The control characters that have no short escape, unless there is much else in the set, where nobody misses
        // them.
        int[] controls = [.. s_controls.Where(characters.Contains)];
        if (controls.Length < 20 || alternatives.Count == 0)
        {
            alternatives.AddRange(controls.Select(value => "\\u00" + HexDigit(value >> 4) + HexDigit(value & 15)));
        }

        return Any(alternatives);
    }

    private static Expression HexDigit(int digit) => digit < 10 ? $"{digit}" : Chars($"{digit:x}{digit:X}");

    private Expression ForSequence(IReadOnlyList<PatternNode> parts)
    {
        _json.Budget.Spend(parts.Count);
        return Expression.Sequence(parts.Select(For));
    }

    private Expression ForAlternatives(PatternNode pattern)
    {
        PatternNode[] parts = [.. pattern.Parts.Where(part => part is not { Kind: PatternKind.Sequence, Parts.Count: 0 })];
        Expression alternatives = Any(parts.Select(For));
        return pattern.Parts.Count == parts.Length ? alternatives : alternatives.Optional();
    }

    private Expression ForRepetition(PatternNode pattern)
    {
        // What may be empty is not repeated: there would be many ways to read it.
        PatternNode? part = pattern.Parts[0];
        bool mayBeEmpty = part.MayBeEmpty;
        part = mayBeEmpty ? WithoutEmpty(part) : part;
        return part is null
            ? Expression.Empty
            : Repetition.Of(_json.Builder, _json.Builder.Add(For(part), "part"), mayBeEmpty ? 0 : pattern.Min, pattern.Max);
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
