namespace Qwen3.LlamaCpp.Gguf;

/// <summary>Reads which tensors lie where in a GGUF file, and that all of them lie in it.</summary>
internal static class GgufTensors
{
    private const int MaxDimensions = 4;

    // llama.cpp compares the name of each with those of all before it, and keeps a name in 64 bytes, the last of which is zero.
    private const int MaxTensors = 1 << 16, MaxNameLength = 63;

    /// <summary>Reads the entries, whose tensors lie behind the last of them, and tells how far the data reaches from its beginning.</summary>
    public static (List<GgufTensor> Tensors, long Bytes) Read(GgufReader reader, long count, long alignment)
    {
        if (count > MaxTensors)
        {
            throw reader.Damaged($"it has {count} tensors, where at most {MaxTensors} are plausible");
        }

        var tensors = new List<GgufTensor>((int)count);
        string lastName = "";
        UInt128 lastEnd = 0;
        var names = new HashSet<string>((int)count);
        for (long i = 0; i < count; i++)
        {
            GgufTensor tensor = ReadTensor(reader, out ulong offset);
            if (!names.Add(tensor.Name))
            {
                throw reader.Damaged($"it has the tensor {tensor.Name} twice");
            }

            tensors.Add(tensor);
            UInt128 end = (UInt128)offset + (UInt128)tensor.Bytes;
            if (end > lastEnd)
            {
                (lastName, lastEnd) = (tensor.Name, end);
            }
        }

        long data = (reader.Position + alignment - 1) / alignment * alignment;
        if ((UInt128)data + lastEnd > (UInt128)reader.Length && count > 0)
        {
            throw reader.Damaged($"the file should reach to byte {(UInt128)data + lastEnd}, where its tensor {lastName} ends");
        }

        return (tensors, (long)lastEnd);
    }

    private static GgufTensor ReadTensor(GgufReader reader, out ulong offset)
    {
        string name = reader.ReadString("the name of a tensor", MaxNameLength);
        uint dimensions = reader.ReadUInt32(name);
        if (dimensions > MaxDimensions || name.Contains('\0'))
        {
            throw reader.Damaged(dimensions > MaxDimensions ? $"tensor {name} has {dimensions} dimensions" : "a tensor's name has a zero in it");
        }

        UInt128 elements = 1;
        long[] lengths = new long[dimensions];
        for (uint d = 0; d < dimensions; d++)
        {
            ulong length = reader.ReadUInt64(name);
            if (length > long.MaxValue || (elements *= length) > long.MaxValue)
            {
                throw reader.Damaged($"tensor {name} has impossible dimensions");
            }

            lengths[d] = (long)length;
        }

        uint type = reader.ReadUInt32(name);
        if (GgmlTensorType.SizeInBytes(type, (long)elements) is not { } size)
        {
            throw reader.Damaged($"tensor {name} has the type {type}, which is not known here");
        }

        if (size > (UInt128)reader.Length)
        {
            throw reader.Damaged($"tensor {name} has {size} bytes, more than the file");
        }

        offset = reader.ReadUInt64(name);
        return new(name, lengths, type, (long)size);
    }
}
