namespace Qwen3.Chat.Models;

/// <summary>
/// Identifies a model: one of the catalogue (<see cref="Qwen3Models"/>), a file of any repository, or a file on this
/// machine.
/// </summary>
/// <remarks>
/// Immutable and safe for concurrent use. <see cref="Qwen3Models.Parse"/> reads the text that <see cref="ToString"/>
/// returns.
/// </remarks>
public sealed record Qwen3Model
{
    internal Qwen3Model(string name)
    {
        Name = name;
    }

    /// <summary>
    /// Gets the name of the model, such as <c>Qwen3-4B-Instruct-2507</c>; outside the catalogue, the name of the
    /// repository or the file.
    /// </summary>
    public string Name { get; }

    /// <summary>Gets the variant, or <see langword="null"/> if it is unknown until the file is read.</summary>
    public Qwen3Variant? Variant { get; internal init; }

    /// <summary>
    /// Gets the repository on the Hugging Face Hub, as <c>owner/name</c>, or <see langword="null"/> if there is none.
    /// </summary>
    public string? HuggingFaceRepository { get; internal init; }

    /// <summary>
    /// Gets the repository on ModelScope, as <c>owner/name</c>, or <see langword="null"/> if there is none.
    /// </summary>
    public string? ModelScopeRepository { get; internal init; }

    /// <summary>
    /// Gets the quantization, such as <c>Q4_K_M</c>; <see langword="null"/> for <c>Q4_K_M</c> if the repository has it,
    /// else <c>Q8_0</c>, else any.
    /// </summary>
    public string? Quantization { get; internal init; }

    /// <summary>
    /// Gets the file in the repository, with <c>/</c> between folders, or <see langword="null"/> if none is named.
    /// </summary>
    public string? File { get; internal init; }

    /// <summary>
    /// Gets the path of a file on this machine, or <see langword="null"/> if the model is searched for and fetched.
    /// </summary>
    public string? Path { get; internal init; }

    /// <summary>
    /// Gets the quantizations that the catalogue lists, the smallest first; empty outside the catalogue.
    /// </summary>
    public IReadOnlyList<Qwen3Quantization> Quantizations { get; internal init; } = [];

    /// <summary>
    /// Gets the short name of a model of the catalogue, such as <c>instruct-2507</c>, or <see langword="null"/>.
    /// </summary>
    internal string? Alias { get; init; }

    /// <summary>
    /// Gets the names that the header of a file of this model can have, reduced to letters and digits.
    /// </summary>
    internal IReadOnlyList<string> NamesInFiles { get; init; } = [];

    /// <summary>Returns the same model in another quantization.</summary>
    /// <param name="quantization">The name as in file names, such as <c>Q8_0</c>; case does not matter.</param>
    /// <returns>The model in that quantization.</returns>
    /// <exception cref="ArgumentException">The name is invalid, or the model is a single file.</exception>
    public Qwen3Model WithQuantization(string quantization)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(quantization);
        return File is null && Path is null
            ? this with { Quantization = Qwen3Models.CheckQuantization(quantization) }
            : throw new ArgumentException(
                $"{this} is a single file, which has one quantization. Name the repository without the file.",
                nameof(quantization));
    }

    /// <summary>Returns the text that <see cref="Qwen3Models.Parse"/> reads.</summary>
    /// <returns>
    /// For example <c>instruct-2507:Q4_K_M</c>, <c>hf:owner/name:Q8_0</c>, <c>modelscope:owner/name/file.gguf</c> or a
    /// path.
    /// </returns>
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

/// <summary>One quantization of a model of the catalogue.</summary>
/// <param name="Name">The name as in file names, such as <c>Q4_K_M</c>.</param>
/// <param name="ApproximateBytes">
/// The approximate size of the file. The three models of the catalogue have the same number of weights; the size is
/// that of the hybrid model. The hub states the exact size before anything is fetched.
/// </param>
public sealed record Qwen3Quantization(string Name, long ApproximateBytes);
