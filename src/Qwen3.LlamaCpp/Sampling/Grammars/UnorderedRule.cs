namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Members in any order, each at most once, as <see cref="SymbolKind.Unordered"/> stands for. There is at least one.
/// </summary>
/// <param name="Members">
/// The rule of each member, and behind them that of all others, which may repeat, if there are others.
/// </param>
/// <param name="Separator">The rule of what stands between two members.</param>
/// <param name="Required">The members that have to be there.</param>
/// <param name="HasOthers">Whether the last of the rules is that of all others.</param>
/// <param name="StartsWithSeparator">Whether there is a separator before the first one too.</param>
internal sealed record UnorderedRule(int[] Members, int Separator, MemberSet Required, bool HasOthers, bool StartsWithSeparator);

/// <summary>
/// Which members of an <see cref="UnorderedRule"/> were written. Immutable, and equal where the members are.
/// </summary>
internal sealed class MemberSet : IEquatable<MemberSet>
{
    private readonly ulong[] _bits;
    private readonly int _hash;

    private MemberSet(ulong[] bits)
    {
        _bits = bits;
        var hash = new HashCode();
        foreach (ulong word in bits)
        {
            hash.Add(word);
        }

        _hash = hash.ToHashCode();
    }

    public int Count { get; private init; }

    public static MemberSet Empty(int members) => new(new ulong[(members + 63) / 64]);

    public bool Contains(int member) => (_bits[member >> 6] >> member & 1) != 0;

    public bool Contains(MemberSet other)
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            if ((other._bits[i] & ~_bits[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public MemberSet With(int member)
    {
        ulong[] bits = [.. _bits];
        bits[member >> 6] |= 1UL << member;
        return new(bits) { Count = Count + (Contains(member) ? 0 : 1) };
    }

    public bool Equals(MemberSet? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);

    public override bool Equals(object? obj) => Equals(obj as MemberSet);

    public override int GetHashCode() => _hash;
}
