using System.Globalization;

namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>Reads escapes and sets in brackets. What it cannot read is null.</summary>
internal ref struct CharacterClassReader(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Position { get; private set; }

    /// <summary>Reads <c>[…]</c>.</summary>
    public CharacterClass? ReadBrackets()
    {
        Position++;
        bool isNegated = Peek() == '^';
        Position += isNegated ? 1 : 0;
        var all = new List<CharacterClass>();
        while (Peek() is not ']')
        {
            if (ReadItem() is not { } item)
            {
                return null;
            }

            // Behind a set such as \w, a hyphen is one.
            if (Single(item) is { } low && Peek() == '-' && Position + 1 < _text.Length && _text[Position + 1] != ']')
            {
                Position++;
                if (ReadItem() is not { } end || Single(end) is not { } high || low > high)
                {
                    return null;
                }

                item = CharacterClass.Of(low, high);
            }

            all.Add(item);
        }

        Position++;
        return all.Count == 0 ? null : isNegated ? CharacterClass.Union(all).Negate() : CharacterClass.Union(all);
    }

    /// <summary>Reads a backslash and what it escapes.</summary>
    public CharacterClass? ReadEscape()
    {
        Position++;
        char? escaped = Peek();
        Position++;
        return escaped switch
        {
            'd' => CharacterClass.Digit,
            'D' => CharacterClass.Digit.Negate(),
            'w' => CharacterClass.Word,
            'W' => CharacterClass.Word.Negate(),
            's' => CharacterClass.Space,
            'S' => CharacterClass.Space.Negate(),
            't' => Single('\t'),
            'n' => Single('\n'),
            'r' => Single('\r'),
            'f' => Single('\f'),
            'v' => Single('\v'),
            'x' => ReadHex(2),
            'u' => ReadHex(4),
            null or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or >= '\x80' => null,
            _ => Single(escaped.Value),
        };
    }

    private static CharacterClass Single(char character) => CharacterClass.Of(character, character);

    private static int? Single(CharacterClass set) => set.In.Ranges is [var (low, high)] && low == high ? low : null;

    private CharacterClass? ReadItem()
    {
        switch (Peek())
        {
            case '\\' when Position + 1 < _text.Length && _text[Position + 1] == 'b':
                Position += 2;
                return Single('\b');
            case '\\':
                return ReadEscape();
            case '[' or null or (>= '\uD800' and <= '\uDFFF'):
                // Brackets within brackets are read in one way here and in another there.
                return null;
            default:
                return Single(_text[Position++]);
        }
    }

    private CharacterClass? ReadHex(int digits)
    {
        bool isHex = Position + digits <= _text.Length &&
            ushort.TryParse(_text.Slice(Position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        if (!isHex)
        {
            return null;
        }

        char character = (char)ushort.Parse(_text.Slice(Position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Position += digits;
        return char.IsSurrogate(character) ? null : Single(character);
    }

    private readonly char? Peek() => Position < _text.Length ? _text[Position] : null;
}
