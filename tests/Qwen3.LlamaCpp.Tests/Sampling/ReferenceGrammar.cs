using System.Globalization;
using System.Text;

namespace Qwen3.LlamaCpp.Tests.Sampling;

/// <summary>
/// A second reading of llama.cpp's grammar notation, to judge the engine's by: character by character, with all the ends that an expression can
/// have from a position on. It knows no tokens and is slow.
/// </summary>
internal sealed class ReferenceGrammar
{
    private readonly string _grammar;
    private readonly Dictionary<string, Node> _rules = [];
    private readonly Dictionary<(Node Node, int Start), int[]> _ends = [];
    private int _position;
    private int _nesting;
    private Rune[] _text = [];

    public ReferenceGrammar(string grammar)
    {
        _grammar = grammar;
        for (SkipSpace(true); _position < grammar.Length; SkipSpace(true))
        {
            string name = ReadName();
            SkipSpace(true);
            _position += "::=".Length;
            SkipSpace(true);
            _rules[name] = ReadAlternatives();
        }
    }

    public bool Accepts(string text)
    {
        _text = [.. text.EnumerateRunes()];
        _ends.Clear();
        return Ends(_rules["root"], 0).Contains(_text.Length);
    }

    private enum Kind { Characters, Rule, Sequence, Alternatives, Repetition }

    private sealed class Node(Kind kind)
    {
        public Kind Kind => kind;

        public List<Node> Parts { get; init; } = [];

        public string Name { get; init; } = "";

        public List<(int First, int Last)> Ranges { get; init; } = [];

        public bool IsInverted { get; init; }

        public int Min { get; init; }

        public int? Max { get; init; }
    }

    private char Current => _position < _grammar.Length ? _grammar[_position] : '\0';

    private int[] Ends(Node node, int start)
    {
        if (_ends.TryGetValue((node, start), out int[]? known))
        {
            return known;
        }

        IEnumerable<int> ends = node.Kind switch
        {
            Kind.Characters => start < _text.Length && node.Ranges.Exists(r => r.First <= _text[start].Value && _text[start].Value <= r.Last) != node.IsInverted
                ? [start + 1]
                : [],
            Kind.Rule => Ends(_rules[node.Name], start),
            Kind.Alternatives => node.Parts.SelectMany(part => Ends(part, start)),
            Kind.Sequence => node.Parts.Aggregate((IEnumerable<int>)[start], (starts, part) => [.. starts.SelectMany(s => Ends(part, s)).Distinct()]),
            _ => Repeat(node, start),
        };
        return _ends[(node, start)] = [.. ends.Distinct()];
    }

    private HashSet<int> Repeat(Node node, int start)
    {
        var all = new HashSet<int>();
        HashSet<int> starts = [start];
        for (int count = 0; starts.Count > 0 && !(count > node.Max); count++)
        {
            if (count >= node.Min && !starts.Except(all).Any())
            {
                break;
            }

            all.UnionWith(count >= node.Min ? starts : []);
            starts = [.. starts.SelectMany(s => Ends(node.Parts[0], s))];
        }

        return all;
    }

    private Node ReadAlternatives()
    {
        List<Node> parts = [ReadSequence()];
        while (Current == '|')
        {
            _position++;
            SkipSpace(true);
            parts.Add(ReadSequence());
        }

        return new(Kind.Alternatives) { Parts = parts };
    }

    private Node ReadSequence()
    {
        var parts = new List<Node>();
        while (_position < _grammar.Length && Current is not ('|' or ')' or '\n'))
        {
            switch (Current)
            {
                case '"':
                    var literal = new List<Node>();
                    for (_position++; Current != '"';)
                    {
                        int character = ReadCharacter();
                        literal.Add(new(Kind.Characters) { Ranges = [(character, character)] });
                    }

                    _position++;
                    parts.Add(new(Kind.Sequence) { Parts = literal });
                    break;
                case '[':
                    parts.Add(ReadCharacters());
                    break;
                case '.':
                    _position++;
                    parts.Add(new(Kind.Characters) { IsInverted = true });
                    break;
                case '(':
                    _position++;
                    _nesting++;
                    SkipSpace(true);
                    parts.Add(ReadAlternatives());
                    _position++;
                    _nesting--;
                    break;
                case '*' or '+' or '?' or '{':
                    parts[^1] = ReadRepetition(parts[^1]);
                    break;
                default:
                    parts.Add(new(Kind.Rule) { Name = ReadName() });
                    break;
            }

            SkipSpace(_nesting > 0);
        }

        return new(Kind.Sequence) { Parts = parts };
    }

    private Node ReadCharacters()
    {
        _position++;
        bool isInverted = Current == '^';
        _position += isInverted ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (Current != ']')
        {
            int first = ReadCharacter(), last = first;
            if (Current == '-' && _grammar[_position + 1] != ']')
            {
                _position++;
                last = ReadCharacter();
            }

            ranges.Add((first, last));
        }

        _position++;
        return new(Kind.Characters) { Ranges = ranges, IsInverted = isInverted };
    }

    private Node ReadRepetition(Node part)
    {
        (int min, int? max) = Current switch { '*' => (0, (int?)null), '+' => (1, null), _ => (0, 1) };
        if (Current == '{')
        {
            int end = _grammar.IndexOf('}', _position);
            string[] counts = _grammar[(_position + 1)..end].Split(',');
            min = int.Parse(counts[0], CultureInfo.InvariantCulture);
            max = counts.Length == 1 ? min : counts[1].Trim().Length > 0 ? int.Parse(counts[1], CultureInfo.InvariantCulture) : null;
            _position = end;
        }

        _position++;
        return new(Kind.Repetition) { Parts = [part], Min = min, Max = max };
    }

    private int ReadCharacter()
    {
        if (Current != '\\')
        {
            var rune = Rune.GetRuneAt(_grammar, _position);
            _position += rune.Utf16SequenceLength;
            return rune.Value;
        }

        char escape = _grammar[_position + 1];
        _position += 2;
        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        _position += digits;
        return digits > 0 ? int.Parse(_grammar.AsSpan(_position - digits, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : escape switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escape };
    }

    private string ReadName()
    {
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Current) || Current == '-')
        {
            _position++;
        }

        Assert.True(_position > start, $"{_grammar} at {start}");
        return _grammar[start.._position];
    }

    private void SkipSpace(bool withNewlines)
    {
        while (Current is ' ' or '\t' or '#' || (withNewlines && Current is '\n' or '\r'))
        {
            _position = Current != '#' ? _position + 1 : _grammar.IndexOf('\n', _position) is >= 0 and var end ? end : _grammar.Length;
        }
    }
}
