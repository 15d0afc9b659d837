using System.Text;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>What an expression of a grammar is.</summary>
internal enum ExpressionKind
{
    Text,
    Characters,
    Token,
    OtherToken,
    Rule,
    Sequence,
    Alternatives,
    Repetition,
    Unordered,
}

/// <summary>A rule with a name, whose body may be defined after it is referred to.</summary>
internal sealed class GrammarRule(string name)
{
    public string Name => name;

    public GrammarExpression? Body { get; set; }
}

/// <summary>
/// An expression of a grammar, as code builds it. Immutable, and equal to others that are built alike.
/// </summary>
internal sealed class GrammarExpression : IEquatable<GrammarExpression>
{
    private readonly int _hash;

    private GrammarExpression(
        ExpressionKind kind,
        IReadOnlyList<GrammarExpression>? parts = null,
        IReadOnlyList<(int First, int Last)>? ranges = null,
        string text = "",
        GrammarRule? target = null,
        (int Min, int? Max) counts = default,
        bool flag = false)
    {
        Kind = kind;
        Parts = parts ?? [];
        Ranges = ranges ?? [];
        Text = text;
        Target = target;
        (Min, Max) = counts;
        Flag = flag;
        var hash = new HashCode();
        hash.Add(kind);
        hash.Add(text);
        hash.Add(target);
        hash.Add(Min);
        hash.Add(Max);
        hash.Add(flag);
        foreach (GrammarExpression part in Parts)
        {
            hash.Add(part._hash);
        }

        foreach ((int, int) range in Ranges)
        {
            hash.Add(range);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>Nothing, which is always there.</summary>
    public static GrammarExpression Empty { get; } = new(ExpressionKind.Sequence);

    public ExpressionKind Kind { get; }

    /// <summary>
    /// The parts of a sequence or of alternatives, what is repeated, or the separator and the members of what is
    /// unordered.
    /// </summary>
    public IReadOnlyList<GrammarExpression> Parts { get; }

    /// <summary>The characters, as code points.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public string Text { get; }

    public GrammarRule? Target { get; }

    /// <summary>
    /// The fewest repetitions; how many of the members, which are the first, are required; or the token.
    /// </summary>
    public int Min { get; }

    /// <summary>
    /// The most repetitions, or null; 1 where the last member is that of all others, which may repeat.
    /// </summary>
    public int? Max { get; }

    /// <summary>Whether the characters are all others, or a separator comes before the first member.</summary>
    public bool Flag { get; }

    public bool IsEmpty => Kind == ExpressionKind.Sequence && Parts.Count == 0;

    public static implicit operator GrammarExpression(string text) => text.Length == 0 ? Empty : new(ExpressionKind.Text, text: text);

    public static GrammarExpression operator +(GrammarExpression left, GrammarExpression right) =>
        left.Kind == ExpressionKind.Sequence ? Sequence([.. left.Parts, right]) : Sequence(left, right);

    public static GrammarExpression operator |(GrammarExpression left, GrammarExpression right) => Alternatives([left, right]);

    public static GrammarExpression Characters(IEnumerable<(int First, int Last)> ranges, bool isInverted = false) =>
        new(ExpressionKind.Characters, ranges: [.. ranges], flag: isInverted);

    public static GrammarExpression Token(int token) => new(ExpressionKind.Token, counts: (token, null));

    public static GrammarExpression OtherToken(int token) => new(ExpressionKind.OtherToken, counts: (token, null));

    public static GrammarExpression Rule(GrammarRule rule) => new(ExpressionKind.Rule, target: rule);

    /// <summary>One expression after the other, less those that are empty.</summary>
    public static GrammarExpression Sequence(params IEnumerable<GrammarExpression> parts)
    {
        List<GrammarExpression> all = [];
        StringBuilder? text = null;
        foreach (GrammarExpression part in parts)
        {
            if (part.Kind == ExpressionKind.Text)
            {
                // Neighbouring texts are one.
                text = text is null && all is [.., { Kind: ExpressionKind.Text } before] ? new(before.Text) : text;
                text?.Append(part.Text);
                if (text is null)
                {
                    all.Add(part);
                }

                continue;
            }

            EndText();
            if (!part.IsEmpty)
            {
                all.Add(part);
            }
        }

        EndText();
        return all is [var only] ? only : new(ExpressionKind.Sequence, all);

        void EndText()
        {
            if (text is not null)
            {
                all[^1] = text.ToString();
                text = null;
            }
        }
    }

    /// <summary>One of the expressions, of equal ones the first.</summary>
    public static GrammarExpression Alternatives(IEnumerable<GrammarExpression> expressions)
    {
        GrammarExpression[] all = [.. expressions.SelectMany(part => part.Kind == ExpressionKind.Alternatives ? part.Parts : [part]).Distinct()];
        return all is [var only] ? only : new(ExpressionKind.Alternatives, all);
    }

    /// <summary>Members in any order, each at most once and at least one of them.</summary>
    /// <param name="separator">What stands between two of them.</param>
    /// <param name="required">The rules of those that have to be there.</param>
    /// <param name="optional">The rules of the rest.</param>
    /// <param name="others">The rule of members of all other kinds, which may repeat, or null.</param>
    /// <param name="startsWithSeparator">Whether there is a separator before the first one too.</param>
    public static GrammarExpression Unordered(
        GrammarExpression separator,
        IReadOnlyList<GrammarExpression> required,
        IReadOnlyList<GrammarExpression> optional,
        GrammarExpression? others,
        bool startsWithSeparator) => new(
            ExpressionKind.Unordered,
            [separator, .. required, .. optional, .. others is null ? (GrammarExpression[])[] : [others]],
            counts: (required.Count, others is null ? 0 : 1),
            flag: startsWithSeparator);

    public GrammarExpression Repeat(int min, int? max) => (min, max) switch
    {
        (_, 0) => Empty,
        (1, 1) => this,
        _ when IsEmpty => this,
        _ => new(ExpressionKind.Repetition, [this], counts: (min, max)),
    };

    public GrammarExpression Optional() => Repeat(0, 1);

    public bool Equals(GrammarExpression? other) => ReferenceEquals(this, other) || (other is not null && _hash == other._hash &&
        Kind == other.Kind && Text == other.Text && Target == other.Target && Min == other.Min && Max == other.Max && Flag == other.Flag &&
        Ranges.SequenceEqual(other.Ranges) && Parts.SequenceEqual(other.Parts));

    public override bool Equals(object? obj) => Equals(obj as GrammarExpression);

    public override int GetHashCode() => _hash;
}
