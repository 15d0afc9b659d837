namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Tells which bytes, one after the other, make up the characters of a range.</summary>
internal static class Utf8Ranges
{
    // What each length of an encoding can hold. Surrogates are no characters.
    private static readonly (int First, int Last)[] s_lengths = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)];

    /// <summary>
    /// Adds, for the code points from one to another, the sequences of byte ranges that they are encoded in.
    /// </summary>
    public static void Add(int first, int last, List<(byte First, byte Last)[]> sequences)
    {
        foreach ((int lengthFirst, int lengthLast) in s_lengths)
        {
            if (Math.Max(first, lengthFirst) <= Math.Min(last, lengthLast))
            {
                AddOfOneLength(Math.Max(first, lengthFirst), Math.Min(last, lengthLast), sequences);
            }
        }
    }

    private static void AddOfOneLength(int first, int last, List<(byte First, byte Last)[]> sequences)
    {
        // Bytes vary independently of those before them only if the ones behind run through all their values.
        for (int bits = 6; bits < 24; bits += 6)
        {
            int mask = (1 << bits) - 1;
            if ((first & ~mask) != (last & ~mask))
            {
                if ((first & mask) != 0)
                {
                    AddOfOneLength(first, first | mask, sequences);
                    AddOfOneLength((first | mask) + 1, last, sequences);
                    return;
                }

                if ((last & mask) != mask)
                {
                    AddOfOneLength(first, (last & ~mask) - 1, sequences);
                    AddOfOneLength(last & ~mask, last, sequences);
                    return;
                }
            }
        }

        Span<byte> low = stackalloc byte[4], high = stackalloc byte[4];
        int length = new System.Text.Rune(first).EncodeToUtf8(low);
        new System.Text.Rune(last).EncodeToUtf8(high);
        var sequence = new (byte, byte)[length];
        for (int i = 0; i < length; i++)
        {
            sequence[i] = (low[i], high[i]);
        }

        sequences.Add(sequence);
    }
}
