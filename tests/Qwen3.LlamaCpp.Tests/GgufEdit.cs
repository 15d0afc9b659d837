using System.Buffers.Binary;
using System.Text;

namespace Qwen3.LlamaCpp.Tests;

/// <summary>Makes a GGUF file that differs from another in single metadata entries.</summary>
internal static class GgufEdit
{
    private const int UInt32Type = 4, Float32Type = 6, StringType = 8, ArrayType = 9;

    /// <param name="source">A GGUF file of version 3 without general.alignment.</param>
    /// <param name="changes">Values (uint, float or string) by key; <see langword="null"/> removes an entry.</param>
    public static byte[] With(byte[] source, params (string Key, object? Value)[] changes)
    {
        var input = new BinaryReader(new MemoryStream(source));
        input.ReadUInt64();
        ulong tensors = input.ReadUInt64();
        ulong entries = input.ReadUInt64();
        var metadata = new Dictionary<string, byte[]>();
        for (ulong i = 0; i < entries; i++)
        {
            string key = ReadString(input);
            long start = input.BaseStream.Position;
            Skip(input, input.ReadUInt32());
            metadata[key] = source[(int)start..(int)input.BaseStream.Position];
        }

        long tensorStart = input.BaseStream.Position;
        for (ulong i = 0; i < tensors; i++)
        {
            ReadString(input);
            uint dimensions = input.ReadUInt32();
            input.BaseStream.Position += (dimensions * sizeof(ulong)) + sizeof(uint) + sizeof(ulong);
        }

        long tensorEnd = input.BaseStream.Position;
        foreach ((string key, object? value) in changes)
        {
            metadata.Remove(key);
            if (value is not null)
            {
                metadata[key] = ToBytes(value);
            }
        }

        var output = new BinaryWriter(new MemoryStream());
        output.Write("GGUF"u8);
        output.Write(3);
        output.Write(tensors);
        output.Write((ulong)metadata.Count);
        foreach ((string key, byte[] value) in metadata)
        {
            output.Write((ulong)key.Length);
            output.Write(Encoding.UTF8.GetBytes(key));
            output.Write(value);
        }

        output.Write(source[(int)tensorStart..(int)tensorEnd]);
        output.Write(new byte[Padding(output.BaseStream.Position)]);
        output.Write(source[(int)(tensorEnd + Padding(tensorEnd))..]);
        return ((MemoryStream)output.BaseStream).ToArray();
    }

    private static long Padding(long position) => (32 - (position % 32)) % 32;

    private static string ReadString(BinaryReader input) => Encoding.UTF8.GetString(input.ReadBytes((int)input.ReadUInt64()));

    private static void Skip(BinaryReader input, uint type)
    {
        if (type == ArrayType)
        {
            uint element = input.ReadUInt32();
            for (ulong count = input.ReadUInt64(); count > 0; count--)
            {
                Skip(input, element);
            }
        }
        else
        {
            long size = type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 10 or 11 or 12 => 8, StringType => (long)input.ReadUInt64(), _ => 4 };
            input.BaseStream.Position += size;
        }
    }

    private static byte[] ToBytes(object value)
    {
        byte[] bytes = new byte[value is string text ? sizeof(uint) + sizeof(ulong) + text.Length : 2 * sizeof(uint)];
        switch (value)
        {
            case uint number:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, UInt32Type);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), number);
                break;
            case float number:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, Float32Type);
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4), number);
                break;
            case string characters:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, StringType);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), (ulong)characters.Length);
                Encoding.ASCII.GetBytes(characters).CopyTo(bytes, 12);
                break;
        }

        return bytes;
    }
}
