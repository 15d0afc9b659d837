using System.Text;

namespace Qwen3.Benchmarks;

/// <summary>
/// Writes a GGUF file of a Qwen3 model's shape, quantized like Q4_K_M, with the real vocabulary and weights of no meaning: each tensor repeats
/// one random chunk. Speed and memory are those of the real model.
/// </summary>
internal static class SyntheticModel
{
    private const int Alignment = 32, ChunkBlocks = 61;
    private const uint F32 = 0, Q8_0 = 8, Q4_K = 12, Q6_K = 14;
    private const uint UInt32Type = 4, Float32Type = 6, StringType = 8, ArrayType = 9;

    public static void Write(ModelShape shape, string path)
    {
        List<Tensor> tensors = [.. Tensors(shape)];
        using var output = new BinaryWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20));
        List<(string Key, Action Write)> metadata = [.. Metadata(shape, output)];
        output.Write("GGUF"u8);
        output.Write(3u);
        output.Write((ulong)tensors.Count);
        output.Write((ulong)metadata.Count);
        foreach ((string key, Action write) in metadata)
        {
            WriteString(output, key);
            write();
        }

        ulong offset = 0;
        foreach (Tensor tensor in tensors)
        {
            WriteString(output, tensor.Name);
            output.Write((uint)tensor.Dimensions.Length);
            foreach (ulong dimension in tensor.Dimensions)
            {
                output.Write(dimension);
            }

            output.Write(tensor.Type);
            output.Write(offset);
            offset += Padded(tensor.Size);
        }

        output.Write(new byte[Padded((ulong)output.BaseStream.Position) - (ulong)output.BaseStream.Position]);
        Dictionary<uint, byte[]> chunks = new[] { F32, Q8_0, Q4_K, Q6_K }.ToDictionary(type => type, Chunk);
        foreach (Tensor tensor in tensors)
        {
            byte[] chunk = chunks[tensor.Type];
            for (ulong written = 0; written < tensor.Size;)
            {
                int length = (int)Math.Min((ulong)chunk.Length, tensor.Size - written);
                output.Write(chunk, 0, length);
                written += (ulong)length;
            }

            output.Write(new byte[Padded(tensor.Size) - tensor.Size]);
        }
    }

    private static IEnumerable<Tensor> Tensors(ModelShape shape)
    {
        uint main = shape.HasKQuants ? Q4_K : Q8_0, fine = shape.HasKQuants ? Q6_K : Q8_0;
        Tensor Matrix(string name, uint type, int columns, int rows) => new($"{name}.weight", type, [(ulong)columns, (ulong)rows]);
        Tensor Norm(string name, int length) => new($"{name}.weight", F32, [(ulong)length]);

        const int VocabularySize = 151_936;
        int queries = shape.Heads * shape.HeadLength, keys = shape.KeyValueHeads * shape.HeadLength;
        yield return Matrix("token_embd", fine, shape.Width, VocabularySize);
        yield return Norm("output_norm", shape.Width);
        for (int i = 0; i < shape.Layers; i++)
        {
            // Q4_K_M gives the finer type to half of these, at both ends and every third layer between.
            bool isFine = i < shape.Layers / 8 || i >= shape.Layers * 7 / 8 || (i - (shape.Layers / 8)) % 3 == 2;
            yield return Norm($"blk.{i}.attn_norm", shape.Width);
            yield return Matrix($"blk.{i}.attn_q", main, shape.Width, queries);
            yield return Matrix($"blk.{i}.attn_k", main, shape.Width, keys);
            yield return Matrix($"blk.{i}.attn_v", isFine ? fine : main, shape.Width, keys);
            yield return Norm($"blk.{i}.attn_q_norm", shape.HeadLength);
            yield return Norm($"blk.{i}.attn_k_norm", shape.HeadLength);
            yield return Matrix($"blk.{i}.attn_output", main, queries, shape.Width);
            yield return Norm($"blk.{i}.ffn_norm", shape.Width);
            yield return Matrix($"blk.{i}.ffn_gate", main, shape.Width, shape.FeedForward);
            yield return Matrix($"blk.{i}.ffn_down", isFine ? fine : main, shape.FeedForward, shape.Width);
            yield return Matrix($"blk.{i}.ffn_up", main, shape.Width, shape.FeedForward);
        }
    }

    /// <summary>The nano model's entries, which have the vocabulary and the template, with this shape's numbers.</summary>
    private static IEnumerable<(string Key, Action Write)> Metadata(ModelShape shape, BinaryWriter output)
    {
        var numbers = new Dictionary<string, object>
        {
            ["general.name"] = shape.Name,
            ["qwen3.block_count"] = (uint)shape.Layers,
            ["qwen3.context_length"] = (uint)shape.Context,
            ["qwen3.embedding_length"] = (uint)shape.Width,
            ["qwen3.feed_forward_length"] = (uint)shape.FeedForward,
            ["qwen3.attention.head_count"] = (uint)shape.Heads,
            ["qwen3.attention.head_count_kv"] = (uint)shape.KeyValueHeads,
            ["qwen3.attention.key_length"] = (uint)shape.HeadLength,
            ["qwen3.attention.value_length"] = (uint)shape.HeadLength,
            ["qwen3.rope.freq_base"] = 5_000_000f,
            ["general.file_type"] = shape.HasKQuants ? 15u : 7u,
        };
        byte[] nano = File.ReadAllBytes(NanoModels.Instruct);
        var input = new BinaryReader(new MemoryStream(nano));
        input.BaseStream.Position = 16;
        for (ulong count = input.ReadUInt64(); count > 0; count--)
        {
            string key = Encoding.UTF8.GetString(input.ReadBytes((int)input.ReadUInt64()));
            int start = (int)input.BaseStream.Position;
            Skip(input, input.ReadUInt32());
            int end = (int)input.BaseStream.Position;
            if (!numbers.ContainsKey(key) && key != "qwen3.rope.dimension_count")
            {
                yield return (key, () => output.Write(nano, start, end - start));
            }
        }

        foreach ((string key, object value) in numbers)
        {
            yield return (key, () => WriteValue(output, value));
        }
    }

    private static void WriteValue(BinaryWriter output, object value)
    {
        switch (value)
        {
            case uint number:
                output.Write(UInt32Type);
                output.Write(number);
                break;
            case float number:
                output.Write(Float32Type);
                output.Write(number);
                break;
            case string text:
                output.Write(StringType);
                WriteString(output, text);
                break;
        }
    }

    private static void Skip(BinaryReader input, uint type)
    {
        if (type == ArrayType)
        {
            uint element = input.ReadUInt32();
            for (ulong count = input.ReadUInt64(); count > 0; count--)
            {
                Skip(input, element);
            }

            return;
        }

        long size = type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 10 or 11 or 12 => 8, StringType => (long)input.ReadUInt64(), _ => 4 };
        input.BaseStream.Position += size;
    }

    /// <summary>Blocks of random weights of about 0.02, in the formats of ggml-common.h.</summary>
    private static byte[] Chunk(uint type)
    {
        var random = new Random(1);
        byte[] bytes = new byte[ChunkBlocks * BlockBytes(type)];
        random.NextBytes(bytes);
        for (int i = 0; i < ChunkBlocks; i++)
        {
            Span<byte> block = bytes.AsSpan(i * BlockBytes(type), BlockBytes(type));
            switch (type)
            {
                case F32:
                    BitConverter.TryWriteBytes(block, 1f);
                    break;
                case Q8_0:
                    BitConverter.TryWriteBytes(block, (Half)0.0003);
                    break;
                case Q4_K:
                    BitConverter.TryWriteBytes(block, (Half)0.0001);
                    BitConverter.TryWriteBytes(block[2..], (Half)0.00075);
                    break;
                case Q6_K:
                    BitConverter.TryWriteBytes(block[^2..], (Half)0.000015);
                    break;
            }
        }

        return bytes;
    }

    private static int BlockBytes(uint type) => type switch { F32 => 4, Q8_0 => 34, Q4_K => 144, _ => 210 };

    private static ulong BlockElements(uint type) => type switch { F32 => 1, Q8_0 => 32, _ => 256 };

    private static ulong Padded(ulong size) => (size + Alignment - 1) / Alignment * Alignment;

    private static void WriteString(BinaryWriter output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        output.Write((ulong)bytes.Length);
        output.Write(bytes);
    }

    private sealed record Tensor(string Name, uint Type, ulong[] Dimensions)
    {
        public ulong Size => Dimensions.Aggregate(1UL, (product, dimension) => product * dimension) / BlockElements(Type) * (ulong)BlockBytes(Type);
    }
}
