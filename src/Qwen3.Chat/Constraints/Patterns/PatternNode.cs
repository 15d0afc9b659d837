namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>What a part of a pattern is.</summary>
internal enum PatternKind
{
    /// <summary>One character of a set.</summary>
    Character,

    /// <summary>
    /// Any character of a JSON string, any number of times: what stands around a pattern that is not anchored.
    /// </summary>
    Anything,

    /// <summary>One part after the other; nothing, if there are none.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    Alternatives,

    /// <summary>A part, so and so many times.</summary>
    Repetition,

    /// <summary>Where the text starts.</summary>
    Start,

    /// <summary>Where the text ends.</summary>
    End,
}

/// <summary>A part of a pattern.</summary>
internal sealed record PatternNode(PatternKind Kind)
{
    // Patterns that were rewritten have parts in common: what is found out of each in turn would be found out again and
    // again.
    private bool? _mayBeEmpty;

    public CharacterSet Characters { get; private init; } = new();

    public IReadOnlyList<PatternNode> Parts { get; private init; } = [];

    public int Min { get; private init; }

    public int? Max { get; private init; }

    public static PatternNode Of(CharacterSet characters) => new(PatternKind.Character) { Characters = characters };

    public static PatternNode Sequence(params IReadOnlyList<PatternNode> parts) => parts.Count == 1
        ? parts[0]
        : new(PatternKind.Sequence) { Parts = [.. parts.SelectMany(part => part.Kind == PatternKind.Sequence ? part.Parts : [part])] };

    public static PatternNode Alternatives(params IReadOnlyList<PatternNode> parts) => parts.Count == 1
        ? parts[0]
        : new(PatternKind.Alternatives) { Parts = parts };

    public static PatternNode Repeat(PatternNode part, int min, int? max) => new(PatternKind.Repetition) { Parts = [part], Min = min, Max = max };

    /// <summary>Whether it may be nothing.</summary>
    public bool MayBeEmpty => _mayBeEmpty ??= Kind switch
    {
        PatternKind.Character => false,
        PatternKind.Sequence => Parts.All(part => part.MayBeEmpty),
        PatternKind.Alternatives => Parts.Any(part => part.MayBeEmpty),
        PatternKind.Repetition => Min == 0 || Parts[0].MayBeEmpty,
        _ => true,
    };

    /// <summary>
    /// How many parts there are to be at. Words among alternatives are none, for texts that begin alike are at one
    /// place in all of them.
    /// </summary>
    public long CountParts() => Kind switch
    {
        PatternKind.Alternatives => 1 + Parts.Where(part => !part.IsWord).Sum(part => part.CountParts()),
        PatternKind.Sequence => Parts.Sum(part => part.CountParts()),
        PatternKind.Repetition => 1 + Parts[0].CountParts(),
        _ => 1,
    };

    /// <summary>The lengths that a text may have.</summary>
    public (long Min, long? Max) Lengths()
    {
        (long Min, long? Max)[] parts = [.. Parts.Select(part => part.Lengths())];
        return Kind switch
        {
            PatternKind.Character => (1, 1),
            PatternKind.Anything => (0, null),
            PatternKind.Alternatives => (parts.Min(part => part.Min), parts.Any(part => part.Max is null) ? null : parts.Max(part => part.Max)),
            PatternKind.Repetition => (Saturate(parts[0].Min * Min), parts[0].Max is { } max && Max is { } times ? Saturate(max * times) : null),
            _ => (Saturate(parts.Sum(part => part.Min)), parts.Any(part => part.Max is null) ? null : Saturate(parts.Sum(part => part.Max!.Value))),
        };
    }

    /// <summary>Takes limits of the length into the pattern, where that is simple.</summary>
    /// <param name="min">The fewest characters; null when the pattern sees to it.</param>
    /// <param name="max">The most characters; null when the pattern sees to it.</param>
    /// <param name="limited">The pattern with the limits, or without them.</param>
    /// <returns>Whether no limit was lost.</returns>
    public bool TryLimit(ref int? min, ref int? max, out PatternNode limited)
    {
        limited = this;
        (long least, long? most) = Lengths();
        if (!(min > least) && (max is null || most <= max))
        {
            (min, max) = (null, null);
            return true;
        }

        if (most < min || least > max)
        {
            // No text is as long as that and matches: the limits, turned round, say so.
            (min, max) = (int.Max(min ?? 0, (int)least), (int)long.Min(max ?? long.MaxValue, most ?? long.MaxValue));
            return true;
        }

        if (this is { Kind: PatternKind.Repetition, Parts: [{ Kind: PatternKind.Character }] })
        {
            limited = Repeat(Parts[0], int.Max(min ?? 0, Min), max is null || Max < max ? Max : max);
            (min, max) = (null, null);
            return true;
        }

        return false;
    }

    private bool IsWord => Kind == PatternKind.Character
        ? Characters.Ranges is [var (first, last)] && first == last
        : Kind == PatternKind.Sequence && Parts.All(part => part.IsWord);

    private static long Saturate(long length) => long.Min(length, int.MaxValue);
}
