using System.Globalization;
using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>
/// What stands before the weights of a GGUF file: metadata, and which tensors lie where. A file that passes here has every
/// count, length and offset inside its own size, so that llama.cpp can be given it.
/// </summary>
/// <remarks>Format: <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>.</remarks>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int MaxKeyLength = 1 << 16, MaxStringLength = 1 << 24;
    private const int MaxDimensions = 4, MaxArrayDepth = 4;

    // llama.cpp compares the name of each with those of all before it.
    private const int MaxTensors = 1 << 16;

    private GgufHeader()
    {
    }

    /// <summary>The scalar and string values by key, in invariant notation. Arrays (the vocabulary, mostly) are left out.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The types of all values by key, those of arrays too.</summary>
    public required IReadOnlyDictionary<string, GgufType> Types { get; init; }

    /// <summary>The vocabulary's <c>tokenizer.ggml.token_type</c>: 1 normal, 3 control, 4 user-defined, 5 unused. Empty if the file has none.</summary>
    public required IReadOnlyList<int> TokenTypes { get; init; }

    /// <summary>The tensors in the file's order.</summary>
    public required IReadOnlyList<GgufTensor> Tensors { get; init; }

    /// <summary>From the first tensor's beginning to the last one's end.</summary>
    public required long TensorBytes { get; init; }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or is damaged or truncated.</exception>
    public static GgufHeader Read(string path)
    {
        using var reader = new GgufReader(path);
        if (reader.Length < 4 || reader.ReadUInt32("the magic number") != Magic)
        {
            throw new ModelFileException(
                path,
                $"{path} is no GGUF file: it does not begin with the letters GGUF. Give the path of a model in llama.cpp's GGUF format " +
                "(not safetensors, not a folder's pointer file).");
        }

        uint version = reader.ReadUInt32("the version");
        if (version is not (2 or 3))
        {
            throw new ModelFileException(
                path, $"{path} is a GGUF file of version {version}, and versions 2 and 3 are supported. Convert the model again with a current tool.");
        }

        long tensorCount = reader.ReadCount("the number of tensors", minimumSize: 24);
        long metadataCount = reader.ReadCount("the number of metadata entries", minimumSize: 13);
        var metadata = new Dictionary<string, string>();
        var types = new Dictionary<string, GgufType>();
        IReadOnlyList<int> tokenTypes = [];
        for (long i = 0; i < metadataCount; i++)
        {
            string key = reader.ReadString($"the key of metadata entry {i}", MaxKeyLength);
            var type = (GgufType)reader.ReadUInt32($"the type of {key}");
            types[key] = type;
            if (type != GgufType.Array)
            {
                metadata[key] = ReadScalar(reader, type, key);
            }
            else if (key == "tokenizer.ggml.token_type")
            {
                tokenTypes = ReadTokenTypes(reader, key);
            }
            else
            {
                SkipArray(reader, key, depth: 0);
            }
        }

        var tensors = new List<GgufTensor>();
        long tensorBytes = ReadTensors(reader, tensorCount, metadata, tensors);
        return new() { Metadata = metadata, Types = types, TokenTypes = tokenTypes, Tensors = tensors, TensorBytes = tensorBytes };
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

        long count = reader.ReadCount($"the length of {key}", sizeof(int));
        return count <= int.MaxValue / sizeof(int)
            ? MemoryMarshal.Cast<byte, int>(reader.ReadBytes((int)count * sizeof(int), key)).ToArray()
            : throw reader.Damaged($"{key} has {count} elements");
    }

    private static void SkipArray(GgufReader reader, string key, int depth)
    {
        var type = (GgufType)reader.ReadUInt32($"the element type of {key}");
        long count = reader.ReadCount($"the length of {key}", type switch { GgufType.String => 8, GgufType.Array => 12, _ => SizeOf(type, reader, key) });
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

    private static long ReadTensors(GgufReader reader, long count, Dictionary<string, string> metadata, List<GgufTensor> tensors)
    {
        if (count > MaxTensors)
        {
            throw reader.Damaged($"it has {count} tensors, where at most {MaxTensors} are plausible");
        }

        long alignment = 32;
        if (metadata.TryGetValue("general.alignment", out string? text) &&
            !(long.TryParse(text, CultureInfo.InvariantCulture, out alignment) && alignment is > 0 and <= 1 << 20))
        {
            throw reader.Damaged($"general.alignment is {text}");
        }

        string lastName = "";
        UInt128 lastEnd = 0;
        for (long i = 0; i < count; i++)
        {
            string name = reader.ReadString($"the name of tensor {i}", MaxKeyLength);
            uint dimensions = reader.ReadUInt32($"the dimensions of {name}");
            if (dimensions > MaxDimensions)
            {
                throw reader.Damaged($"tensor {name} has {dimensions} dimensions");
            }

            UInt128 elements = 1;
            long[] lengths = new long[dimensions];
            for (uint d = 0; d < dimensions; d++)
            {
                ulong length = reader.ReadUInt64($"the dimensions of {name}");
                if (length > long.MaxValue || (elements *= length) > long.MaxValue)
                {
                    throw reader.Damaged($"tensor {name} has impossible dimensions");
                }

                lengths[d] = (long)length;
            }

            uint type = reader.ReadUInt32($"the type of {name}");
            UInt128 size = GgmlTensorType.SizeInBytes(type, (long)elements);
            tensors.Add(new(name, lengths, type, (long)UInt128.Min(size, long.MaxValue)));
            UInt128 end = (UInt128)reader.ReadUInt64($"the offset of {name}") + size;
            if (end > lastEnd)
            {
                (lastName, lastEnd) = (name, end);
            }
        }

        long data = (reader.Position + alignment - 1) / alignment * alignment;
        if ((UInt128)data + lastEnd > (UInt128)reader.Length)
        {
            throw reader.Damaged($"the file should reach to byte {(UInt128)data + lastEnd}, where its tensor {lastName} ends");
        }

        return (long)lastEnd;
    }
}
