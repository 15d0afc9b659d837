using System.Text;

namespace Qwen3.LlamaCpp.Tests;

/// <summary>Writes LoRA adapters in GGUF format, with random weights, in the nano models' shape unless a test wants another.</summary>
internal sealed class LoraWriter
{
    private const int Alignment = 32, UInt32Type = 4, Float32Type = 6, StringType = 8, ArrayType = 9;

    public Dictionary<string, object> Metadata { get; } = new()
    {
        ["general.type"] = "adapter",
        ["adapter.type"] = "lora",
        ["general.architecture"] = "qwen3",
        ["adapter.lora.alpha"] = 8f,
    };

    /// <summary>The tensors' lengths by name, the innermost first.</summary>
    public List<(string Name, long[] Lengths)> Tensors { get; } = [];

    /// <summary>The <c>ggml_type</c> of all tensors: 0 for F32, 1 for F16, or 26 for I32, which takes as much as F32.</summary>
    public uint TensorType { get; set; }

    private int ElementSize => TensorType == 1 ? 2 : 4;

    /// <summary>An adapter of attention and feed-forward in two of the nano models' blocks.</summary>
    public static LoraWriter ForNano(int rank = 4) => new LoraWriter()
        .Adapt("blk.1.attn_q.weight", 128, 128, rank)
        .Adapt("blk.3.ffn_down.weight", 384, 128, rank);

    public LoraWriter Adapt(string weight, int input, int output, int rank)
    {
        Tensors.Add(($"{weight}.lora_a", [input, rank]));
        Tensors.Add(($"{weight}.lora_b", [rank, output]));
        return this;
    }

    public byte[] ToBytes(int seed = 1)
    {
        var random = new Random(seed);
        var output = new BinaryWriter(new MemoryStream());
        output.Write("GGUF"u8);
        output.Write(3);
        output.Write((ulong)Tensors.Count);
        output.Write((ulong)Metadata.Count);
        foreach ((string key, object value) in Metadata)
        {
            Write(output, key);
            WriteValue(output, value);
        }

        ulong offset = 0;
        foreach ((string name, long[] lengths) in Tensors)
        {
            Write(output, name);
            output.Write(lengths.Length);
            Array.ForEach(lengths, output.Write);
            output.Write(TensorType);
            output.Write(offset);
            offset += (ulong)Padded(Elements(lengths) * ElementSize);
        }

        Pad(output);
        foreach ((_, long[] lengths) in Tensors)
        {
            for (long i = 0; i < Elements(lengths); i++)
            {
                float weight = (random.NextSingle() - 0.5f) * 4;
                output.Write(TensorType == 1 ? BitConverter.GetBytes((Half)weight) : BitConverter.GetBytes(weight));
            }

            Pad(output);
        }

        return ((MemoryStream)output.BaseStream).ToArray();
    }

    private static long Elements(long[] lengths) => lengths.Aggregate(1L, (product, length) => product * length);

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter output) => output.Write(new byte[Padded(output.BaseStream.Position) - output.BaseStream.Position]);

    private static void Write(BinaryWriter output, string text)
    {
        output.Write((ulong)text.Length);
        output.Write(Encoding.ASCII.GetBytes(text));
    }

    private static void WriteValue(BinaryWriter output, object value)
    {
        switch (value)
        {
            case float number:
                output.Write(Float32Type);
                output.Write(number);
                break;
            case uint number:
                output.Write(UInt32Type);
                output.Write(number);
                break;
            case uint[] numbers:
                output.Write(ArrayType);
                output.Write(UInt32Type);
                output.Write((ulong)numbers.Length);
                Array.ForEach(numbers, output.Write);
                break;
            default:
                output.Write(StringType);
                Write(output, (string)value);
                break;
        }
    }
}
