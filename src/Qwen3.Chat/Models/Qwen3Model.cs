namespace Qwen3.Chat.Models;

/// <summary>Which model is wanted: one of the catalogue (<see cref="Qwen3Models"/>), a file of any repository, or a file on this machine.</summary>
/// <remarks>Immutable and safe for concurrent use. <see cref="ToString"/> gives what <see cref="Qwen3Models.Parse"/> reads.</remarks>
public sealed record Qwen3Model
{
    internal Qwen3Model(string name)
    {
        Name = name;
    }

    /// <summary>Gets the model's name, such as <c>Qwen3-4B-Instruct-2507</c>; outside the catalogue, that of the repository or of the file.</summary>
    public string Name { get; }

    /// <summary>Gets which variant it is, or <see langword="null"/> where only the file can tell.</summary>
    public Qwen3Variant? Variant { get; internal init; }

    /// <summary>
    /// Gets the repository on the Hugging Face Hub, as <c>owner/name</c>, or <see langword="null"/> if it is not fetched from there.
    /// </summary>
    public string? HuggingFaceRepository { get; internal init; }

    /// <summary>Gets the repository on ModelScope, as <c>owner/name</c>, or <see langword="null"/> if it is not fetched from there.</summary>
    public string? ModelScopeRepository { get; internal init; }

    /// <summary>
    /// Gets the wanted quantization, such as <c>Q4_K_M</c>; <see langword="null"/> for <c>Q4_K_M</c>, or else <c>Q8_0</c>, or else any that there is.
    /// </summary>
    public string? Quantization { get; internal init; }

    /// <summary>Gets the file in the repository where one is named, with <c>/</c> between folders.</summary>
    public string? File { get; internal init; }

    /// <summary>Gets the path of a file on this machine, which is neither looked for nor fetched, or <see langword="null"/>.</summary>
    public string? Path { get; internal init; }

    /// <summary>Gets the quantizations that the catalogue knows of, the smallest first. Outside the catalogue there are none.</summary>
    public IReadOnlyList<Qwen3Quantization> Quantizations { get; internal init; } = [];

    /// <summary>Gets the short name of a model of the catalogue, such as <c>instruct-2507</c>, or <see langword="null"/>.</summary>
    internal string? Alias { get; init; }

    /// <summary>Gets what a file's own name of itself may be, in letters and digits alone.</summary>
    internal IReadOnlyList<string> NamesInFiles { get; init; } = [];

    /// <summary>The same model in another quantization.</summary>
    /// <param name="quantization">Its name as it stands in the names of files, such as <c>Q8_0</c>; case does not matter.</param>
    /// <returns>The model in that quantization.</returns>
    /// <exception cref="ArgumentException">The name is none, or one file is named already.</exception>
    public Qwen3Model WithQuantization(string quantization)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(quantization);
        return File is null && Path is null
            ? this with { Quantization = Qwen3Models.CheckQuantization(quantization) }
            : throw new ArgumentException(
                $"{this} names one file, which has the quantization that it has. Name the repository alone.", nameof(quantization));
    }

    /// <summary>The model as <see cref="Qwen3Models.Parse"/> reads it.</summary>
    /// <returns>For example <c>instruct-2507:Q4_K_M</c>, <c>hf:owner/name:Q8_0</c>, <c>modelscope:owner/name/file.gguf</c> or a path.</returns>
    public override string ToString()
    {
        if (Path is not null)
        {
            return Path;
        }

        string repository = HuggingFaceRepository is not null
            ? Qwen3Models.HuggingFacePrefix + HuggingFaceRepository
            : Qwen3Models.ModelScopePrefix + ModelScopeRepository;
        string start = Alias ?? repository;
        return File is not null ? $"{start}/{File}" : Quantization is not null ? $"{start}:{Quantization}" : start;
    }
}
