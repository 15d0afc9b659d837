using System.Text;

namespace Qwen3.Tests;

/// <summary>A GGUF file of version 3 taken apart, to be written again in other shapes.</summary>
internal sealed class GgufParts
{
    private GgufParts()
    {
    }

    /// <summary>The metadata in its order: each key with its type and value as they are in the file.</summary>
    public List<(string Key, byte[] Value)> Entries { get; } = [];

    public List<(string Name, ulong[] Dimensions, uint Type, byte[] Data)> Tensors { get; } = [];

    public static GgufParts Read(byte[] source)
    {
        var input = new BinaryReader(new MemoryStream(source));
        input.ReadUInt64();
        ulong tensors = input.ReadUInt64(), entries = input.ReadUInt64();
        var parts = new GgufParts();
        for (ulong i = 0; i < entries; i++)
        {
            string key = ReadString(input);
            int start = (int)input.BaseStream.Position;
            Skip(input, input.ReadUInt32());
            parts.Entries.Add((key, source[start..(int)input.BaseStream.Position]));
        }

        var infos = new List<(string Name, ulong[] Dimensions, uint Type, int Offset)>();
        for (ulong i = 0; i < tensors; i++)
        {
            string name = ReadString(input);
            ulong[] dimensions = [.. Enumerable.Range(0, (int)input.ReadUInt32()).Select(_ => input.ReadUInt64())];
            infos.Add((name, dimensions, input.ReadUInt32(), (int)input.ReadUInt64()));
        }

        int data = (int)Pad(input.BaseStream.Position);
        for (int i = 0; i < infos.Count; i++)
        {
            int end = i + 1 < infos.Count ? data + infos[i + 1].Offset : source.Length;
            parts.Tensors.Add((infos[i].Name, infos[i].Dimensions, infos[i].Type, source[(data + infos[i].Offset)..end]));
        }

        return parts;
    }

    /// <summary>Gives an entry another value.</summary>
    public void Set(string key, byte[] value)
    {
        int i = Entries.FindIndex(entry => entry.Key == key);
        Entries[i] = (key, value);
    }

    /// <summary>Leaves few tokens, and tensors of one block each.</summary>
    public void Shrink()
    {
        const int Tokens = 40;
        Set("tokenizer.ggml.tokens", Strings([.. Enumerable.Range(0, Tokens).Select(i => $"token {i}")]));
        Set("tokenizer.ggml.token_type", Int32s([.. Enumerable.Repeat(1, Tokens)]));
        Set("tokenizer.ggml.merges", Strings([.. Enumerable.Range(0, Tokens).Select(i => $"a b{i}")]));
        for (int i = 0; i < Tensors.Count; i++)
        {
            Tensors[i] = (Tensors[i].Name, [32], 8, new byte[34]);
        }
    }

    /// <summary>A file of that metadata and those tensors.</summary>
    public static byte[] Write(
        IReadOnlyCollection<(string Key, byte[] Value)> entries,
        IReadOnlyCollection<(string Name, ulong[] Dimensions, uint Type, byte[] Data)> tensors)
    {
        var output = new BinaryWriter(new MemoryStream());
        output.Write("GGUF"u8);
        output.Write(3);
        output.Write((ulong)tensors.Count);
        output.Write((ulong)entries.Count);
        foreach ((string key, byte[] value) in entries)
        {
            WriteString(output, key);
            output.Write(value);
        }

        long offset = 0;
        foreach ((string name, ulong[] dimensions, uint type, byte[] data) in tensors)
        {
            WriteString(output, name);
            output.Write(dimensions.Length);
            Array.ForEach(dimensions, output.Write);
            output.Write(type);
            output.Write(offset);
            offset = Pad(offset + data.Length);
        }

        foreach ((_, _, _, byte[] data) in tensors)
        {
            output.Write(new byte[Pad(output.BaseStream.Length) - output.BaseStream.Length]);
            output.Write(data);
        }

        output.Write(new byte[Pad(output.BaseStream.Length) - output.BaseStream.Length]);
        return ((MemoryStream)output.BaseStream).ToArray();
    }

    public static byte[] UInt16(ushort value) => [2, 0, 0, 0, .. BitConverter.GetBytes(value)];

    public static byte[] UInt32(uint value) => [4, 0, 0, 0, .. BitConverter.GetBytes(value)];

    public static byte[] String(string value) =>
        [8, 0, 0, 0, .. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(value)), .. Encoding.UTF8.GetBytes(value)];

    public static byte[] Int32(int value) => [5, 0, 0, 0, .. BitConverter.GetBytes(value)];

    public static byte[] Strings(IReadOnlyCollection<string> values)
    {
        var output = new BinaryWriter(new MemoryStream());
        output.Write(9);
        output.Write(8);
        output.Write((ulong)values.Count);
        foreach (string value in values)
        {
            WriteString(output, value);
        }

        return ((MemoryStream)output.BaseStream).ToArray();
    }

    public static byte[] Int32s(IReadOnlyCollection<int> values) =>
        [9, 0, 0, 0, 5, 0, 0, 0, .. BitConverter.GetBytes((ulong)values.Count), .. values.SelectMany(BitConverter.GetBytes)];

    private static long Pad(long position) => (position + 31) / 32 * 32;

    private static void WriteString(BinaryWriter output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        output.Write((ulong)bytes.Length);
        output.Write(bytes);
    }

    private static string ReadString(BinaryReader input) => Encoding.UTF8.GetString(input.ReadBytes((int)input.ReadUInt64()));

    private static void Skip(BinaryReader input, uint type)
    {
        if (type == 9)
        {
            uint element = input.ReadUInt32();
            for (ulong count = input.ReadUInt64(); count > 0; count--)
            {
                Skip(input, element);
            }
        }
        else
        {
            long size = type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 10 or 11 or 12 => 8, 8 => (long)input.ReadUInt64(), _ => 4 };
            input.BaseStream.Position += size;
        }
    }
}
