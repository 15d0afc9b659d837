using System.Globalization;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>
/// The numbers that say how a Qwen3 model is built. What passes here is what llama.cpp can compute: it ends the process over many
/// values that it does not expect, and a model file is foreign input.
/// </summary>
/// <remarks>Limits: the assertions in llama-hparams, llama-model and models/qwen3 of the pinned release.</remarks>
internal sealed record ModelShape(int ContextLength, int EmbeddingLength, int LayerCount, int HeadCount, int KeyValueHeadCount, int FeedForwardLength)
{
    /// <summary>What GGUF files call the architecture.</summary>
    public const string Architecture = "qwen3";

    private const string Prefix = Architecture + ".";
    private const int MaxLayers = 512;

    private static readonly string[] s_ropeScalings = ["none", "linear", "yarn", "longrope"];

    /// <summary>The length of a head's key, and of its value.</summary>
    public int HeadLength { get; private init; }

    /// <summary>The number of token ids.</summary>
    public int VocabularySize { get; private init; }

    /// <summary>The size of the token embedding, which stays in RAM.</summary>
    public long EmbeddingBytes { get; private init; }

    /// <summary>The size of the output's matrix; 0 if the token embedding serves for it too.</summary>
    public long OutputBytes { get; private init; }

    /// <exception cref="ModelFileException">A value is missing or impossible.</exception>
    public static ModelShape Read(string path, GgufHeader header)
    {
        var reader = new Reader(path, header.Metadata);
        var shape = new ModelShape(
            reader.Number("context_length", 1, int.MaxValue),
            reader.Number("embedding_length", 1, 1 << 20),
            reader.Number("block_count", 1, MaxLayers),
            reader.Number("attention.head_count", 1, 1 << 16),
            reader.Number("attention.head_count_kv", 1, 1 << 16),
            reader.Number("feed_forward_length", 1, 1 << 24));
        reader.Require(
            shape.HeadCount % shape.KeyValueHeadCount == 0,
            $"it has {shape.HeadCount} query heads for {shape.KeyValueHeadCount} key and value heads, which cannot be shared out evenly");
        int headLength = reader.Number("attention.key_length", 1, 1 << 16, shape.EmbeddingLength / shape.HeadCount);
        int valueLength = reader.Number("attention.value_length", 1, 1 << 16, headLength);
        int ropeLength = reader.Number("rope.dimension_count", 1, 1 << 16, headLength);
        reader.Require(
            valueLength == headLength && ropeLength == headLength && headLength % 2 == 0,
            $"its heads are {headLength} long, their values {valueLength} and their rotary embedding {ropeLength}, which must be one even number");
        reader.Float("attention.layer_norm_rms_epsilon", value => value >= 0, required: true);
        reader.Float("rope.freq_base", value => value > 0);
        reader.Float("rope.scaling.factor", value => value > 0);
        string scaling = header.Metadata.GetValueOrDefault(Prefix + "rope.scaling.type", s_ropeScalings[0]);
        reader.Require(s_ropeScalings.Contains(scaling), $"{Prefix}rope.scaling.type is '{scaling}', which is none of {string.Join(", ", s_ropeScalings)}");
        foreach (string key in (string[])["expert_count", "expert_used_count", "nextn_predict_layers", "pooling_type"])
        {
            reader.Number(key, 0, 0, 0);
        }

        string tokenizer = header.Metadata.GetValueOrDefault("tokenizer.ggml.model", "");
        reader.Require(tokenizer == "gpt2", $"its tokenizer is of the kind '{tokenizer}' where Qwen3's is 'gpt2'");
        reader.Require(
            header.TokenTypes.Count == header.TokenCount && header.TokenCount > 0,
            $"its vocabulary has {header.TokenCount} tokens, and the kinds of {header.TokenTypes.Count}");
        long Size(string tensor) => header.Tensors.FirstOrDefault(candidate => candidate.Name == tensor)?.Bytes ?? 0;
        return shape with
        {
            HeadLength = headLength,
            VocabularySize = header.TokenTypes.Count,
            EmbeddingBytes = Size("token_embd.weight"),
            OutputBytes = Size("output.weight"),
        };
    }

    /// <summary>The lengths of the vectors that each weight matrix takes and makes, by its name.</summary>
    public Dictionary<string, (long In, long Out)> MatrixShapes()
    {
        long width = EmbeddingLength, queries = (long)HeadCount * HeadLength, keys = (long)KeyValueHeadCount * HeadLength, inner = FeedForwardLength;
        var shapes = new Dictionary<string, (long In, long Out)> { ["output.weight"] = (width, VocabularySize) };
        for (int layer = 0; layer < LayerCount; layer++)
        {
            shapes[$"blk.{layer}.attn_q.weight"] = (width, queries);
            shapes[$"blk.{layer}.attn_k.weight"] = shapes[$"blk.{layer}.attn_v.weight"] = (width, keys);
            shapes[$"blk.{layer}.attn_output.weight"] = (queries, width);
            shapes[$"blk.{layer}.ffn_gate.weight"] = shapes[$"blk.{layer}.ffn_up.weight"] = (width, inner);
            shapes[$"blk.{layer}.ffn_down.weight"] = (inner, width);
        }

        return shapes;
    }

    private sealed class Reader(string path, IReadOnlyDictionary<string, string> metadata)
    {
        public int Number(string key, int minimum, int maximum, int? absent = null)
        {
            string? text = metadata.GetValueOrDefault(Prefix + key);
            if (text is null && absent is { } value)
            {
                return value;
            }

            Require(
                int.TryParse(text, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum,
                $"{Prefix}{key} is {text ?? "missing"}, and should be a number from {minimum} to {maximum}");
            return number;
        }

        public void Float(string key, Func<float, bool> isValid, bool required = false)
        {
            string? text = metadata.GetValueOrDefault(Prefix + key);
            if (text is not null || required)
            {
                Require(
                    float.TryParse(text, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) && isValid(number),
                    $"{Prefix}{key} is {text ?? "missing"}, which is no value that it can have");
            }
        }

        public void Require(bool condition, string finding)
        {
            if (!condition)
            {
                throw new ModelFileException(path, $"{path} does not describe a Qwen3 model: {finding}. Convert or fetch the model again.");
            }
        }
    }
}
