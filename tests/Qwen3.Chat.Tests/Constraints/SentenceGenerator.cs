using System.Globalization;
using System.Text;

namespace Qwen3.Chat.Tests.Constraints;

/// <summary>Generates random texts that a grammar describes.</summary>
internal sealed class SentenceGenerator
{
    private const int Budget = 400;

    private readonly Dictionary<string, Node> _rules = [];
    private readonly Dictionary<Node, int> _lengths = [];
    private int _left;

    public SentenceGenerator(string grammar)
    {
        foreach (string line in grammar.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int sign = line.IndexOf(" ::= ", StringComparison.Ordinal);
            int position = sign + 5;
            _rules.Add(line[..sign], ReadAlternatives(line, ref position));
        }

        // The shortest expansion of each node, from below: nodes of which nothing is known yet count as endless.
        for (bool isNew = true; isNew;)
        {
            isNew = false;
            foreach (Node rule in _rules.Values)
            {
                isNew |= Measure(rule);
            }
        }
    }

    public string Next(Random random)
    {
        var text = new StringBuilder();
        _left = random.Next(Budget);
        Expand(_rules["root"], random, text);
        return text.ToString();
    }

    private enum Kind { Literal, Class, Reference, Sequence, Alternatives, Repetition, Unordered }

    private sealed record Node(Kind Kind)
    {
        public string Text { get; init; } = "";

        public bool IsNegated { get; init; }

        public List<(int Low, int High)> Ranges { get; init; } = [];

        public List<Node> Parts { get; init; } = [];

        public int Min { get; init; }

        public int? Max { get; init; }

        public bool Equals(Node? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    private int LengthOf(Node node) => _lengths.GetValueOrDefault(node, 1_000_000);

    private bool Measure(Node node)
    {
        bool isNew = false;
        foreach (Node part in node.Parts)
        {
            isNew |= Measure(part);
        }

        long length = node.Kind switch
        {
            Kind.Literal => node.Text.Length,
            Kind.Class => 1,
            Kind.Reference => LengthOf(_rules[node.Text]),
            Kind.Sequence => node.Parts.Sum(part => (long)LengthOf(part)),
            Kind.Alternatives => node.Parts.Min(LengthOf),
            // The separator, the required ones, and the one that is shortest if none is required.
            Kind.Unordered => (LengthOf(node.Parts[0]) * (node.Min + 1L)) + (node.Min > 0
                ? node.Parts.Skip(1).Take(node.Min).Sum(part => (long)LengthOf(part))
                : node.Parts.Skip(1).Min(LengthOf)),
            _ => (long)node.Min * LengthOf(node.Parts[0]),
        };
        if (length >= LengthOf(node))
        {
            return isNew;
        }

        _lengths[node] = (int)length;
        return true;
    }

    private void Expand(Node node, Random random, StringBuilder text)
    {
        switch (node.Kind)
        {
            case Kind.Literal:
                text.Append(node.Text);
                _left -= node.Text.Length;
                break;
            case Kind.Class:
                text.Append(char.ConvertFromUtf32(Sample(node, random)));
                _left--;
                break;
            case Kind.Reference:
                Expand(_rules[node.Text], random, text);
                break;
            case Kind.Unordered:
                ExpandUnordered(node, random, text);
                break;
            case Kind.Sequence:
                node.Parts.ForEach(part => Expand(part, random, text));
                break;
            case Kind.Alternatives:
                Node[] shortest = [.. node.Parts.Where(part => LengthOf(part) == LengthOf(node))];
                Node[] possible = [.. node.Parts.Where(part => LengthOf(part) < 1_000_000)];
                Expand(random.GetItems(_left > LengthOf(node) ? possible : shortest, 1)[0], random, text);
                break;
            default:
                int most = node.Max ?? node.Min + 6;
                int extra = LengthOf(node.Parts[0]) >= _left ? 0 : int.Min(most - node.Min, random.Next(4) == 0 ? 30 : 3);
                for (int i = node.Min + random.Next(extra + 1); i > 0; i--)
                {
                    Expand(node.Parts[0], random, text);
                }

                break;
        }
    }

    private void ExpandUnordered(Node node, Random random, StringBuilder text)
    {
        // The required ones are the first; the last one may repeat if it is that of all others.
        Node[] members = [.. node.Parts.Skip(1)];
        List<Node> chosen = [.. members.Take(node.Min)];
        IEnumerable<Node> optional = members.Skip(node.Min).Where(part => LengthOf(part) < 1_000_000);
        chosen.AddRange(optional.Where(part => _left > LengthOf(node) && random.Next(2) == 0));
        if (chosen.Count == 0)
        {
            chosen.Add(optional.MinBy(LengthOf)!);
        }

        if (node.IsNegated && _left > LengthOf(node) && random.Next(2) == 0 && LengthOf(members[^1]) < 1_000_000)
        {
            chosen.Add(members[^1]);
        }

        Node[] order = [.. chosen];
        random.Shuffle(order);
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0 || node.Text == "+")
            {
                Expand(node.Parts[0], random, text);
            }

            Expand(order[i], random, text);
        }
    }

    private static int Sample(Node node, Random random)
    {
        (int Low, int High)[] ranges = [.. node.Ranges];
        if (!node.IsNegated)
        {
            (int low, int high) = ranges[random.Next(ranges.Length)];
            int sampled = random.Next(low, high + 1);
            return sampled is >= 0xD800 and <= 0xDFFF ? low : sampled;
        }

        while (true)
        {
            int character = random.Next(8) == 0 ? random.GetItems("é漢😀\u2028\uFFFF".EnumerateRunes().ToArray(), 1)[0].Value : random.Next(0x20, 0x7F);
            if (!ranges.Any(range => range.Low <= character && character <= range.High))
            {
                return character;
            }
        }
    }

    private static Node ReadAlternatives(string text, ref int position)
    {
        var alternatives = new List<Node> { ReadSequence(text, ref position) };
        while (position < text.Length && text[position] == '|')
        {
            position++;
            alternatives.Add(ReadSequence(text, ref position));
        }

        return alternatives.Count == 1 ? alternatives[0] : new(Kind.Alternatives) { Parts = alternatives };
    }

    private static Node ReadSequence(string text, ref int position)
    {
        var parts = new List<Node>();
        while (position < text.Length && text[position] is not ('|' or ')'))
        {
            switch (text[position])
            {
                case ' ':
                    position++;
                    break;
                case '"':
                    position++;
                    var literal = new StringBuilder();
                    while (text[position] != '"')
                    {
                        literal.Append(char.ConvertFromUtf32(ReadCharacter(text, ref position)));
                    }

                    position++;
                    parts.Add(new(Kind.Literal) { Text = literal.ToString() });
                    break;
                case '[':
                    parts.Add(ReadClass(text, ref position));
                    break;
                case '&':
                    parts.Add(ReadUnordered(text, ref position));
                    break;
                case '(':
                    position++;
                    parts.Add(ReadAlternatives(text, ref position));
                    position++;
                    break;
                case '*' or '+' or '?' or '{':
                    parts[^1] = ReadRepetition(parts[^1], text, ref position);
                    break;
                default:
                    int start = position;
                    while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '-'))
                    {
                        position++;
                    }

                    Assert.True(position > start, $"{text} at {position}");
                    parts.Add(new(Kind.Reference) { Text = text[start..position] });
                    break;
            }
        }

        return new(Kind.Sequence) { Parts = parts };
    }

    private static Node ReadUnordered(string text, ref int position)
    {
        int open = text.IndexOf('(', position), close = text.IndexOf(')', position);
        string sign = text[(position + 1)..open];
        string[] parts = text[(open + 1)..close].Split(" | ");
        position = close + 1;
        string[] members = [.. parts[1].Split(' ').OrderBy(name => !name.EndsWith('!'))];
        return new(Kind.Unordered)
        {
            Text = sign,
            IsNegated = parts.Length > 2,
            Min = members.Count(name => name.EndsWith('!')),
            Parts = [.. ((string[])[parts[0], .. members, .. parts.Skip(2)]).Select(name => new Node(Kind.Reference) { Text = name.TrimEnd('!') })],
        };
    }

    private static Node ReadClass(string text, ref int position)
    {
        position++;
        bool isNegated = text[position] == '^';
        position += isNegated ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (text[position] != ']')
        {
            int low = ReadCharacter(text, ref position), high = low;
            if (text[position] == '-' && text[position + 1] != ']')
            {
                position++;
                high = ReadCharacter(text, ref position);
            }

            ranges.Add((low, high));
        }

        position++;
        return new(Kind.Class) { Ranges = ranges, IsNegated = isNegated };
    }

    private static Node ReadRepetition(Node part, string text, ref int position)
    {
        (int min, int? max) = (0, (int?)null);
        switch (text[position++])
        {
            case '+':
                min = 1;
                break;
            case '?':
                max = 1;
                break;
            case '{':
                int end = text.IndexOf('}', position);
                string[] counts = text[position..end].Split(',');
                min = int.Parse(counts[0], CultureInfo.InvariantCulture);
                max = counts.Length == 1 ? min : counts[1].Length == 0 ? null : int.Parse(counts[1], CultureInfo.InvariantCulture);
                position = end + 1;
                break;
        }

        return new(Kind.Repetition) { Parts = [part], Min = min, Max = max };
    }

    private static int ReadCharacter(string text, ref int position)
    {
        int character = char.ConvertToUtf32(text, position);
        position += char.IsSurrogatePair(text, position) ? 2 : 1;
        if (character != '\\')
        {
            return character;
        }

        char escaped = text[position++];
        int digits = escaped switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        position += digits;
        return digits > 0
            ? int.Parse(text.AsSpan(position - digits, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : escaped switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escaped };
    }
}
