namespace Qwen3.LlamaCpp.Gguf;

/// <summary>
/// What stands before the weights of a GGUF file: metadata, and which tensors lie where. A file that passes here has every
/// count, length and offset inside its own size, so that llama.cpp can be given it.
/// </summary>
/// <remarks>Format: <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>.</remarks>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF"

    private GgufHeader()
    {
    }

    /// <summary>The scalar and string values by key, in invariant notation. Arrays (the vocabulary, mostly) are left out.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The types of all values by key, those of arrays too.</summary>
    public required IReadOnlyDictionary<string, GgufType> Types { get; init; }

    /// <summary>The vocabulary's <c>tokenizer.ggml.token_type</c>: 1 normal, 3 control, 4 user-defined, 5 unused. Empty if the file has none.</summary>
    public required IReadOnlyList<int> TokenTypes { get; init; }

    /// <summary>The number of tokens in the vocabulary, which are all different. 0 if the file has none.</summary>
    public required long TokenCount { get; init; }

    /// <summary>The tensors in the file's order.</summary>
    public required IReadOnlyList<GgufTensor> Tensors { get; init; }

    /// <summary>From the first tensor's beginning to the last one's end.</summary>
    public required long TensorBytes { get; init; }

    /// <summary>The size of the file.</summary>
    public required long FileBytes { get; init; }

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
        var metadata = GgufMetadata.Read(reader);
        (List<GgufTensor> tensors, long tensorBytes) = GgufTensors.Read(reader, tensorCount, metadata.Alignment);
        return new()
        {
            Metadata = metadata.Values,
            Types = metadata.Types,
            TokenTypes = metadata.TokenTypes,
            TokenCount = metadata.TokenCount,
            Tensors = tensors,
            TensorBytes = tensorBytes,
            FileBytes = reader.Length,
        };
    }

    /// <summary>The same with the tensors of all parts of a split model.</summary>
    public GgufHeader With(IReadOnlyList<GgufTensor> tensors, long tensorBytes, long fileBytes) => new()
    {
        Metadata = Metadata,
        Types = Types,
        TokenTypes = TokenTypes,
        TokenCount = TokenCount,
        Tensors = tensors,
        TensorBytes = tensorBytes,
        FileBytes = fileBytes,
    };
}
