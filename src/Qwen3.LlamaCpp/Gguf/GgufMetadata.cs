using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>Reads the metadata of a GGUF file.</summary>
internal sealed class GgufMetadata
{
    private const int MaxKeyLength = 1 << 16, MaxStringLength = 1 << 24, MaxArrayDepth = 4;

    // llama.cpp compares the key of each with those of all before it.
    private const int MaxEntries = 1 << 14;

    // Of all the text that is kept. Real files have some ten thousand characters.
    private const int MaxCharacters = 1 << 25;

    private readonly Dictionary<string, string> _values = [];
    private readonly Dictionary<string, GgufType> _types = [];

    private int _characters;

    private GgufMetadata()
    {
    }

    public IReadOnlyDictionary<string, string> Values => _values;

    public IReadOnlyDictionary<string, GgufType> Types => _types;

    public IReadOnlyList<int> TokenTypes { get; private set; } = [];

    public long TokenCount { get; private set; }

    /// <summary>The data begins at a multiple of it.</summary>
    public long Alignment { get; private set; }

    public static GgufMetadata Read(GgufReader reader)
    {
        long count = reader.ReadCount("the number of metadata entries", minimumSize: 13);
        if (count > MaxEntries)
        {
            throw reader.Damaged($"it has {count} metadata entries, where at most {MaxEntries} are plausible");
        }

        var metadata = new GgufMetadata();
        for (long i = 0; i < count; i++)
        {
            metadata.ReadEntry(reader);
        }

        metadata.Alignment = metadata.ReadAlignment(reader);
        return metadata;
    }

    private void ReadEntry(GgufReader reader)
    {
        string key = reader.ReadString("the key of a metadata entry", MaxKeyLength);
        // llama.cpp takes keys for C strings: what is behind a zero would hide from the checks here what it finds.
        if (key.Length == 0 || key.Contains('\0'))
        {
            throw reader.Damaged(key.Length == 0 ? "a metadata entry has no name" : $"the key {key.Replace("\0", "\\0", StringComparison.Ordinal)} has a zero in it");
        }

        var type = (GgufType)reader.ReadUInt32(key);
        if (!_types.TryAdd(key, type))
        {
            throw reader.Damaged($"it has {key} twice");
        }

        if (type != GgufType.Array)
        {
            string value = _values[key] = ReadScalar(reader, type, key);
            _characters += key.Length + value.Length;
            if (_characters > MaxCharacters)
            {
                throw reader.Damaged($"its metadata has more text than the {MaxCharacters} characters that are plausible");
            }
        }
        else if (key == "tokenizer.ggml.token_type")
        {
            TokenTypes = ReadTokenTypes(reader, key);
        }
        else if (key == "tokenizer.ggml.tokens")
        {
            TokenCount = GgufVocabulary.Read(reader, key);
        }
        else
        {
            SkipArray(reader, key, depth: 0);
        }
    }

    private long ReadAlignment(GgufReader reader)
    {
        const string Key = "general.alignment";
        if (!_types.TryGetValue(Key, out GgufType type))
        {
            return 32;
        }

        return type == GgufType.UInt32
            && uint.Parse(_values[Key], CultureInfo.InvariantCulture) is var value
            && value <= 1 << 20
            && BitOperations.IsPow2(value)
            ? value
            : throw reader.Damaged(
                $"{Key} is {_values.GetValueOrDefault(Key, "a list")}, and should be a power of two of 32 bits, of {1 << 20} at most");
    }

    private static string ReadScalar(GgufReader reader, GgufType type, string key) => type switch
    {
        GgufType.UInt8 => Text(reader.ReadByte(key)),
        GgufType.Int8 => Text((sbyte)reader.ReadByte(key)),
        GgufType.UInt16 => Text(MemoryMarshal.Read<ushort>(reader.ReadBytes(2, key))),
        GgufType.Int16 => Text(MemoryMarshal.Read<short>(reader.ReadBytes(2, key))),
        GgufType.UInt32 => Text(reader.ReadUInt32(key)),
        GgufType.Int32 => Text((int)reader.ReadUInt32(key)),
        GgufType.Float32 => Text(BitConverter.UInt32BitsToSingle(reader.ReadUInt32(key))),
        GgufType.Bool => reader.ReadByte(key) != 0 ? "true" : "false",
        GgufType.String => reader.ReadString(key, MaxStringLength),
        GgufType.UInt64 => Text(reader.ReadUInt64(key)),
        GgufType.Int64 => Text((long)reader.ReadUInt64(key)),
        GgufType.Float64 => Text(BitConverter.UInt64BitsToDouble(reader.ReadUInt64(key))),
        _ => throw reader.Damaged($"{key} has the unknown type {(uint)type}"),
    };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static int[] ReadTokenTypes(GgufReader reader, string key)
    {
        var type = (GgufType)reader.ReadUInt32(key);
        if (type is not (GgufType.Int32 or GgufType.UInt32))
        {
            throw reader.Damaged($"{key} has elements of type {(uint)type} where integers belong");
        }

        long count = reader.ReadCount(key, sizeof(int));
        return count <= GgufVocabulary.MaxTokens
            ? MemoryMarshal.Cast<byte, int>(reader.ReadBytes((int)count * sizeof(int), key)).ToArray()
            : throw reader.Damaged($"{key} has {count} elements, where at most {GgufVocabulary.MaxTokens} are plausible");
    }

    private static void SkipArray(GgufReader reader, string key, int depth)
    {
        var type = (GgufType)reader.ReadUInt32(key);
        long count = reader.ReadCount(key, type switch { GgufType.String => 8, GgufType.Array => 12, _ => SizeOf(type, reader, key) });
        if (type is not (GgufType.String or GgufType.Array))
        {
            reader.Skip(count * SizeOf(type, reader, key), key);
            return;
        }

        if (depth == MaxArrayDepth)
        {
            throw reader.Damaged($"{key} holds arrays in arrays more than {MaxArrayDepth} deep");
        }

        for (long i = 0; i < count; i++)
        {
            if (type == GgufType.String)
            {
                reader.SkipString(key);
            }
            else
            {
                SkipArray(reader, key, depth + 1);
            }
        }
    }

    private static int SizeOf(GgufType type, GgufReader reader, string key) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Bool => 1,
        GgufType.UInt16 or GgufType.Int16 => 2,
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 => 8,
        _ => throw reader.Damaged($"{key} has elements of the unknown type {(uint)type}"),
    };
}
