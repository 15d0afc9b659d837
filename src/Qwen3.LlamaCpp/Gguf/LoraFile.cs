using System.Globalization;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>
/// Checks a LoRA adapter's file. What passes here is what llama.cpp can compute over the model: it ends the process over many values that
/// it does not expect, and an adapter is foreign input.
/// </summary>
/// <remarks>Limits: llama-adapter, and <c>build_lora_mm</c> in llama-graph of the pinned release.</remarks>
internal static class LoraFile
{
    private const string Reconvert = "Convert the adapter again with a current convert_lora_to_gguf.py";
    private const string AnotherModel = "Give an adapter that was trained over this model";
    private const string SuffixA = ".lora_a", SuffixB = ".lora_b";

    /// <summary>Reads an adapter's header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no adapter for this model.</exception>
    public static GgufHeader Read(string path, ModelShape shape)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no adapter file {path}. Give the path of a LoRA adapter in GGUF format.", path);
        }

        GgufHeader header = GgufHeader.Read(path);
        CheckMetadata(path, header);
        CheckTensors(path, header, shape);
        return header;
    }

    private static void CheckMetadata(string path, GgufHeader header)
    {
        void Require(string key, string value, string wanted)
        {
            string found = header.Metadata.GetValueOrDefault(key, "");
            if (found != value)
            {
                throw Refused(path, $"its {key} is '{found}', and should be '{value}'", wanted);
            }
        }

        Require("general.type", "adapter", "Give a LoRA adapter in GGUF format, not a model");
        Require("adapter.type", "lora", "Give an adapter of the kind LoRA");
        Require("general.architecture", ModelShape.Architecture, AnotherModel);
        const string Alpha = "adapter.lora.alpha";
        if (header.Types.TryGetValue(Alpha, out GgufType type) &&
            !(type == GgufType.Float32 && float.IsFinite(float.Parse(header.Metadata[Alpha], CultureInfo.InvariantCulture))))
        {
            throw Refused(path, $"its {Alpha} is no finite number of 32 bits", Reconvert);
        }

        if (header.Types.ContainsKey("adapter.alora.invocation_tokens"))
        {
            throw Refused(path, "it is an activated LoRA, which is in force only behind certain tokens", "Give an adapter that is always in force");
        }
    }

    private static void CheckTensors(string path, GgufHeader header, ModelShape shape)
    {
        Dictionary<string, (long In, long Out)> weights = shape.MatrixShapes();
        var tensors = new Dictionary<string, GgufTensor>();
        foreach (GgufTensor tensor in header.Tensors)
        {
            // llama.cpp passes over adapted norms, which adapters bring along and do without.
            bool isPart = tensor.Name.EndsWith(SuffixA, StringComparison.Ordinal) || tensor.Name.EndsWith(SuffixB, StringComparison.Ordinal);
            if (isPart ? !tensors.TryAdd(tensor.Name, tensor) : !tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal))
            {
                throw Refused(path, $"it has a tensor {tensor.Name}, which is no part of a LoRA adapter, or has it twice", Reconvert);
            }
        }

        if (tensors.Count == 0)
        {
            throw Refused(path, "it adapts nothing", Reconvert);
        }

        foreach (string name in tensors.Keys.Select(part => part[..^SuffixA.Length]).Distinct())
        {
            if (!weights.TryGetValue(name, out (long In, long Out) weight))
            {
                throw Refused(
                    path,
                    $"it adapts {name}, and only the weights of attention, feed-forward and output of the model's {shape.LayerCount} layers can be adapted",
                    AnotherModel);
            }

            if (!tensors.TryGetValue(name + SuffixA, out GgufTensor? a) || !tensors.TryGetValue(name + SuffixB, out GgufTensor? b))
            {
                throw Refused(path, $"of the two tensors that adapt {name} one is missing", Reconvert);
            }

            if (!IsMatrix(a) || !IsMatrix(b) || a.Dimensions[0] != weight.In || b.Dimensions[1] != weight.Out || a.Dimensions[1] != b.Dimensions[0])
            {
                throw Refused(
                    path,
                    $"what adapts {name} is {Format(a)} and {Format(b)}, and should be [{weight.In}, rank] and [rank, {weight.Out}] in F32, F16, BF16 or Q8_0",
                    AnotherModel);
            }
        }
    }

    /// <summary>Whether every backend can multiply with it.</summary>
    private static bool IsMatrix(GgufTensor tensor) =>
        tensor.Dimensions is [> 0, > 0] && (tensor.Type is 0 or 1 or 30 || (tensor.Type == 8 && tensor.Dimensions[0] % 32 == 0));

    private static string Format(GgufTensor tensor) => $"[{string.Join(", ", tensor.Dimensions)}] (type {tensor.Type})";

    private static ModelFileException Refused(string path, string finding, string way) =>
        new(path, $"{path} is no LoRA adapter for this model: {finding}. {way}.");
}
