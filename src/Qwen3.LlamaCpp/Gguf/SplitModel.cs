using System.Globalization;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>A model's header, and those of its other parts where it is split: llama.cpp opens these by itself.</summary>
internal static class SplitModel
{
    private const string Number = "split.no", Count = "split.count", TensorCount = "split.tensors.count";

    /// <summary>Reads the header of a model; the tensors are those of all parts.</summary>
    /// <param name="path">The full path of the file, or of the first part.</param>
    /// <returns>The header and the files, the first part first.</returns>
    /// <exception cref="ModelFileException">
    /// A file is no GGUF file, is damaged or truncated, or is not the part that it should be, or one is missing.
    /// </exception>
    public static (GgufHeader Header, IReadOnlyList<string> Files) Read(string path)
    {
        GgufHeader first = GgufHeader.Read(path);
        if (!first.Types.ContainsKey(Count) || Value(path, first, Count) is not (> 1 and var count))
        {
            return (first, [path]);
        }

        string ending = $"-00001-of-{count:D5}.gguf";
        Require(
            path, Value(path, first, Number) == 0, $"it is not the first part, which is the one to give; its {Number} is {first.Metadata[Number]}");
        Require(path, path.EndsWith(ending, StringComparison.Ordinal), $"as the first of {count} parts its name should end with {ending}");
        List<string> files = [path];
        List<GgufHeader> headers = [first];
        for (int i = 1; i < count; i++)
        {
            string file = $"{path[..^ending.Length]}-{i + 1:D5}-of-{count:D5}.gguf";
            if (!File.Exists(file))
            {
                throw new ModelFileException(
                    path, $"{path} is one of {count} parts of a model, and {file} is missing. Fetch all parts into one folder.");
            }

            GgufHeader part = GgufHeader.Read(file);
            Require(file, Value(file, part, Number) == i, $"its {Number} should be {i}");
            files.Add(file);
            headers.Add(part);
        }

        return (Join(path, headers), files);
    }

    private static GgufHeader Join(string path, List<GgufHeader> parts)
    {
        List<GgufTensor> tensors = [.. parts.SelectMany(part => part.Tensors)];
        Require(path, tensors.Select(tensor => tensor.Name).Distinct().Count() == tensors.Count, "two of its parts have the same tensor");
        string? total = parts[0].Metadata.GetValueOrDefault(TensorCount);
        Require(
            path,
            total is null || total == tensors.Count.ToString(CultureInfo.InvariantCulture),
            $"its parts have {tensors.Count} tensors, and should have {total}");
        return parts[0].With(tensors, parts.Sum(part => part.TensorBytes), parts.Sum(part => part.FileBytes));
    }

    /// <summary>A number that llama.cpp reads as one of 16 bits, and ends the process over any other.</summary>
    private static int Value(string path, GgufHeader header, string key)
    {
        Require(path, header.Types.TryGetValue(key, out GgufType type) && type == GgufType.UInt16, $"its {key} is missing, or no number of 16 bits");
        return int.Parse(header.Metadata[key], CultureInfo.InvariantCulture);
    }

    private static void Require(string path, bool condition, string finding)
    {
        if (!condition)
        {
            throw new ModelFileException(path, $"{path} is no sound part of a split model: {finding}. Fetch all parts of the model again.");
        }
    }
}
