namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>
/// Reads the regular expressions of JSON schema, as far as they are regular: no looking around, no references to what
/// matched.
/// </summary>
internal ref struct PatternParser
{
    private const int DepthLimit = 50;

    private readonly ReadOnlySpan<char> _pattern;
    private int _position;
    private int _depth;

    private PatternParser(ReadOnlySpan<char> pattern)
    {
        _pattern = pattern;
    }

    /// <summary>Reads a pattern, its anchors in it; <see langword="null"/> for one that cannot be read.</summary>
    public static PatternNode? Parse(string text)
    {
        var parser = new PatternParser(text);
        return parser.ReadAlternatives() is { } read && parser._position == text.Length ? read : null;
    }

    private PatternNode? ReadAlternatives()
    {
        if (++_depth > DepthLimit)
        {
            return null;
        }

        var alternatives = new List<PatternNode>();
        do
        {
            var sequence = new List<PatternNode>();
            while (_position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
            {
                if (ReadAtom() is not { } atom || ReadQuantifier(atom) is not { } part)
                {
                    return null;
                }

                sequence.Add(part);
            }

            alternatives.Add(PatternNode.Sequence(sequence));
        }
        while (TryRead("|"));
        _depth--;
        return PatternNode.Alternatives(alternatives);
    }

    private PatternNode? ReadAtom()
    {
        char first = _pattern[_position++];
        switch (first)
        {
            case '^':
                return new(PatternKind.Start);
            case '$':
                return new(PatternKind.End);
            case '.':
                return PatternNode.Of(CharacterClass.Any.In);
            case '(':
                if (TryRead("?") && !TryRead(":") && !TryReadName())
                {
                    return null;
                }

                return ReadAlternatives() is { } group && TryRead(")") ? group : null;
            case '[' or '\\':
                _position--;
                var reader = new CharacterClassReader(_pattern[_position..]);
                CharacterClass? set = first == '[' ? reader.ReadBrackets() : reader.ReadEscape();
                _position += reader.Position;
                return set is { In.Ranges.Count: > 0 } ? PatternNode.Of(set.In) : null;
            case '*' or '+' or '?' or '{' or '}' or ']':
                return null;
            case >= '\uD800' and <= '\uDFFF':
                // Two characters to .NET: a quantifier would be about one half.
                return char.IsHighSurrogate(first) && _position < _pattern.Length && char.IsLowSurrogate(_pattern[_position]) ? ReadPair(first) : null;
            default:
                return PatternNode.Of(new CharacterSet((first, first)));
        }
    }

    private PatternNode? ReadPair(char high)
    {
        int character = char.ConvertToUtf32(high, _pattern[_position++]);
        return Quantifier.IsNext(_pattern[_position..]) ? null : PatternNode.Of(new CharacterSet((character, character)));
    }

    /// <summary>The name of a group, which is not the sign of looking behind.</summary>
    private bool TryReadName()
    {
        int end = _pattern[_position..].IndexOf('>');
        if (end < 2 || _pattern[_position] != '<' || !(char.IsLetter(_pattern[_position + 1]) || _pattern[_position + 1] == '_'))
        {
            return false;
        }

        _position += end + 1;
        return true;
    }

    private PatternNode? ReadQuantifier(PatternNode atom)
    {
        ReadOnlySpan<char> rest = _pattern[_position..];
        if (!Quantifier.IsNext(rest))
        {
            return atom;
        }

        if (!Quantifier.TryRead(rest, out Quantifier quantifier) || atom.Kind is PatternKind.Start or PatternKind.End)
        {
            return null;
        }

        _position += quantifier.Length;
        return PatternNode.Repeat(atom, quantifier.Min, quantifier.Max);
    }

    private bool TryRead(string text)
    {
        bool isNext = _pattern[_position..].StartsWith(text);
        _position += isNext ? text.Length : 0;
        return isNext;
    }
}
