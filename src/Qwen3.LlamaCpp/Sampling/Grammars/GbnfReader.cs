using System.Globalization;
using System.Text;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Reads a grammar in llama.cpp's notation.</summary>
internal sealed class GbnfReader
{
    // llama.cpp refuses larger numbers, or takes them for no limit at all.
    private const int MaxRepetitions = 1999;
    private const int MaxNesting = 200;

    private readonly string _text;
    private readonly Func<string, int?> _findToken;
    private readonly GrammarRulesBuilder _rules = new();
    private int _position;
    private int _nesting;
    private long _symbolCount;

    private GbnfReader(string text, Func<string, int?> findToken)
    {
        _text = text;
        _findToken = findToken;
    }

    private char Current => _position < _text.Length ? _text[_position] : '\0';

    /// <param name="text">The grammar.</param>
    /// <param name="findToken">Finds a special token by its text.</param>
    /// <exception cref="FormatException">The text is no grammar; the message tells where.</exception>
    public static GrammarRules Read(string text, Func<string, int?> findToken)
    {
        var reader = new GbnfReader(text, findToken);
        try
        {
            return reader.Read();
        }
        catch (FormatException e)
        {
            ReadOnlySpan<char> before = text.AsSpan(0, Math.Min(reader._position, text.Length));
            throw new FormatException($"The grammar cannot be read at line {before.Count('\n') + 1}, column {before.Length - before.LastIndexOf('\n')}: {e.Message}.", e);
        }
    }

    private GrammarRules Read()
    {
        SkipSpace(withNewlines: true);
        while (_position < _text.Length)
        {
            int rule = _rules.Rule(ReadName());
            SkipSpace(withNewlines: false);
            Expect("::=");
            SkipSpace(withNewlines: true);
            _rules.Define(rule, ReadAlternatives());
            if (_position < _text.Length && Current is not ('\r' or '\n'))
            {
                throw new FormatException($"'{Current}' is not expected here");
            }

            SkipSpace(withNewlines: true);
        }

        return _rules.Build();
    }

    private List<Symbol[]> ReadAlternatives()
    {
        List<Symbol[]> alternatives = [ReadSequence()];
        while (Current == '|')
        {
            _position++;
            SkipSpace(withNewlines: true);
            alternatives.Add(ReadSequence());
        }

        return alternatives;
    }

    private Symbol[] ReadSequence()
    {
        var sequence = new List<Symbol>();
        var item = new List<Symbol>();
        while (true)
        {
            if (Current is '*' or '+' or '?' or '{')
            {
                (int min, int? max) = ReadCount();
                item = item.Count > 0 ? _rules.Repeat([.. item], min, max) : throw new FormatException("there is nothing to repeat");
            }
            else
            {
                // What is gathered here is counted again with its rule, which does no harm.
                _symbolCount += item.Count;
                GrammarRulesBuilder.ThrowIfTooLarge(_symbolCount);
                sequence.AddRange(item);
                item = [];
                if (!TryReadItem(item))
                {
                    return [.. sequence];
                }
            }

            SkipSpace(withNewlines: _nesting > 0);
        }
    }

    private bool TryReadItem(List<Symbol> item)
    {
        switch (Current)
        {
            case '"':
                for (_position++; Current != '"';)
                {
                    item.AddRange(_rules.Character(ReadCharacter()));
                }

                _position++;
                return true;
            case '[':
                item.Add(ReadCharacters());
                return true;
            case '.':
                _position++;
                item.Add(_rules.Characters([], isInverted: true));
                return true;
            case '<' or '!':
                item.Add(ReadToken());
                return true;
            case '(':
                item.Add(ReadGroup());
                return true;
            case char c when IsNameCharacter(c):
                item.Add(new(SymbolKind.Rule, _rules.Rule(ReadName())));
                return true;
            default:
                return false;
        }
    }

    private Symbol ReadGroup()
    {
        if (++_nesting > MaxNesting)
        {
            throw new FormatException($"groups are nested more than {MaxNesting} deep");
        }

        _position++;
        SkipSpace(withNewlines: true);
        int rule = _rules.Define(ReadAlternatives());
        Expect(")");
        _nesting--;
        return new(SymbolKind.Rule, rule);
    }

    private Symbol ReadCharacters()
    {
        _position++;
        bool isInverted = Current == '^';
        _position += isInverted ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (Current != ']')
        {
            int first = ReadCharacter();
            int last = first;
            if (Current == '-' && _position + 1 < _text.Length && _text[_position + 1] != ']')
            {
                _position++;
                last = ReadCharacter();
                if (last < first)
                {
                    throw new FormatException("a range of characters has its larger end first");
                }
            }

            ranges.Add((first, last));
        }

        if (ranges.Count == 0)
        {
            throw new FormatException("a range of characters is empty");
        }

        _position++;
        return _rules.Characters(ranges, isInverted);
    }

    private Symbol ReadToken()
    {
        SymbolKind kind = Current == '!' ? SymbolKind.OtherToken : SymbolKind.Token;
        _position += kind == SymbolKind.OtherToken ? 1 : 0;
        int start = _position;
        Expect("<");
        int end = _text.IndexOf('>', _position);
        if (end < 0)
        {
            throw new FormatException("a token's closing '>' is missing");
        }

        _position = end + 1;
        string token = _text[start.._position];
        int? id = token is ['<', '[', .. string number, ']', '>']
            ? int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null
            : _findToken(token);
        return new(kind, id ?? throw new FormatException($"there is no special token {token}"));
    }

    private int ReadCharacter()
    {
        if (_position >= _text.Length)
        {
            throw new FormatException("the text ends inside a literal or a range of characters");
        }

        if (Current != '\\')
        {
            if (!Rune.TryGetRuneAt(_text, _position, out Rune rune))
            {
                throw new FormatException("half a surrogate pair is no character");
            }

            _position += rune.Utf16SequenceLength;
            return rune.Value;
        }

        _position++;
        char escape = Current;
        _position++;
        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            return escape switch
            {
                't' => '\t',
                'r' => '\r',
                'n' => '\n',
                '\\' or '"' or '[' or ']' or '-' => escape,
                _ => throw new FormatException($"there is no escape \\{escape}"),
            };
        }

        if (_position + digits > _text.Length || !uint.TryParse(_text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ||
            value > 0x10FFFF)
        {
            throw new FormatException($"\\{escape} needs {digits} hexadecimal digits of a character's code");
        }

        _position += digits;
        return (int)value;
    }

    private (int Min, int? Max) ReadCount()
    {
        char c = Current;
        _position++;
        if (c != '{')
        {
            return c switch { '*' => (0, null), '+' => (1, null), _ => (0, 1) };
        }

        SkipSpace(withNewlines: _nesting > 0);
        int min = ReadNumber();
        int? max = min;
        if (Current == ',')
        {
            _position++;
            SkipSpace(withNewlines: _nesting > 0);
            max = char.IsAsciiDigit(Current) ? ReadNumber() : null;
        }

        Expect("}");
        return max < min ? throw new FormatException($"{{{min},{max}}} has its larger number first") : (min, max);
    }

    private int ReadNumber()
    {
        int start = _position;
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }

        if (!int.TryParse(_text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > MaxRepetitions)
        {
            throw new FormatException($"a number of repetitions from 0 to {MaxRepetitions} is expected");
        }

        SkipSpace(withNewlines: _nesting > 0);
        return number;
    }

    private string ReadName()
    {
        int start = _position;
        while (IsNameCharacter(Current))
        {
            _position++;
        }

        return _position > start ? _text[start.._position] : throw new FormatException("the name of a rule is expected");
    }

    private void Expect(string what)
    {
        if (string.CompareOrdinal(_text, _position, what, 0, what.Length) != 0)
        {
            throw new FormatException($"'{what}' is expected");
        }

        _position += what.Length;
    }

    private void SkipSpace(bool withNewlines)
    {
        while (Current is ' ' or '\t' or '#' || (withNewlines && Current is '\r' or '\n'))
        {
            if (Current == '#')
            {
                while (_position < _text.Length && Current is not ('\r' or '\n'))
                {
                    _position++;
                }
            }
            else
            {
                _position++;
            }
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';
}
