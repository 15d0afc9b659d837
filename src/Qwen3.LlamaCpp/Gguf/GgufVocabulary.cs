using System.Text;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>Reads past a vocabulary.</summary>
internal static class GgufVocabulary
{
    /// <summary>Many times as many as any vocabulary has.</summary>
    public const int MaxTokens = 1 << 22;

    /// <summary>Checks that no two tokens are the same, over which llama.cpp ends the process.</summary>
    public static long Read(GgufReader reader, string key)
    {
        var type = (GgufType)reader.ReadUInt32(key);
        if (type != GgufType.String)
        {
            throw reader.Damaged($"{key} has elements of type {(uint)type} where strings belong");
        }

        long count = reader.ReadCount(key, sizeof(ulong));
        if (count > MaxTokens)
        {
            throw reader.Damaged($"{key} has {count} elements, where at most {MaxTokens} are plausible");
        }

        var seen = new HashSet<ulong>((int)count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> token = reader.PeekString(key);
            // As llama.cpp reads them: up to a zero, and under a name of their own where nothing is left.
            int end = token.IndexOf((byte)0);
            token = end < 0 ? token : token[..end];
            if (!seen.Add(token.IsEmpty ? Hash(Encoding.ASCII.GetBytes($"[EMPTY_{i}]")) : Hash(token)))
            {
                throw reader.Damaged($"{key} has an element twice, at {i}");
            }
        }

        return count;
    }

    /// <summary>FNV-1a. Whoever makes two tokens collide has only his own file refused.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}
