namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>Turns a pattern, which may match anywhere in a text, into what the whole text must be.</summary>
internal static class PatternAnchors
{
    private const int Limit = 100;

    private static readonly PatternNode s_anything = new(PatternKind.Anything);

    /// <summary>The pattern without anchors, or null where one stands elsewhere than at an end.</summary>
    public static PatternNode? Apply(PatternNode pattern)
    {
        List<PatternNode>? alternatives = Distribute(pattern);
        if (alternatives is null)
        {
            return null;
        }

        var whole = new List<PatternNode>();
        foreach (PatternNode alternative in alternatives)
        {
            List<PatternNode> parts = [.. alternative.Kind == PatternKind.Sequence ? alternative.Parts : [alternative]];
            bool isAnchored = parts is [{ Kind: PatternKind.Start }, ..];
            parts = [.. parts.SkipWhile(part => part.Kind == PatternKind.Start)];
            int end = parts.FindLastIndex(part => part.Kind != PatternKind.End) + 1;
            bool endIsAnchored = end < parts.Count;
            parts = parts[..end];
            if (parts.Any(HasAnchor))
            {
                return null;
            }

            whole.Add(PatternNode.Sequence([.. isAnchored ? [] : (PatternNode[])[s_anything], .. parts, .. endIsAnchored ? [] : (PatternNode[])[s_anything]]));
        }

        return PatternNode.Alternatives(whole);
    }

    /// <summary>
    /// Moves alternatives with anchors in them outwards, so that the anchors come to stand at the ends of sequences.
    /// </summary>
    private static List<PatternNode>? Distribute(PatternNode pattern)
    {
        if (!HasAnchor(pattern))
        {
            return [pattern];
        }

        switch (pattern.Kind)
        {
            case PatternKind.Alternatives:
                var all = new List<PatternNode>();
                foreach (PatternNode part in pattern.Parts)
                {
                    if (Distribute(part) is not { } some || all.Count + some.Count > Limit)
                    {
                        return null;
                    }

                    all.AddRange(some);
                }

                return all;
            case PatternKind.Sequence:
                List<PatternNode> sequences = [PatternNode.Sequence([])];
                foreach (PatternNode part in pattern.Parts)
                {
                    if (Distribute(part) is not { } some || sequences.Count * some.Count > Limit)
                    {
                        return null;
                    }

                    sequences = [.. sequences.SelectMany(sequence => some.Select(next => PatternNode.Sequence([sequence, next])))];
                }

                return sequences;
            default:
                return pattern.Kind == PatternKind.Repetition ? null : [pattern];
        }
    }

    private static bool HasAnchor(PatternNode pattern) => pattern.Kind is PatternKind.Start or PatternKind.End || pattern.Parts.Any(HasAnchor);
}
