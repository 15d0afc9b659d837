namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(UInt128 Low, UInt128 High)
{
    public static ByteSet Range(int first, int last)
    {
        var set = default(ByteSet);
        for (int value = first; value <= last; value++)
        {
            set = value < 128 ? set with { Low = set.Low | (UInt128.One << value) } : set with { High = set.High | (UInt128.One << (value - 128)) };
        }

        return set;
    }

    /// <summary>The one value that the set has; <see langword="null"/> where it has another number of them.</summary>
    public byte? Only => UInt128.PopCount(Low) + UInt128.PopCount(High) == 1
        ? (byte)(Low == 0 ? 128 + UInt128.TrailingZeroCount(High) : UInt128.TrailingZeroCount(Low))
        : null;

    public bool Contains(int value) => (((value < 128 ? Low : High) >> (value & 127)) & 1) != 0;

    public static ByteSet operator |(ByteSet left, ByteSet right) => new(left.Low | right.Low, left.High | right.High);
}
