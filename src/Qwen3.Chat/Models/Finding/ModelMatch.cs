namespace Qwen3.Chat.Models.Finding;

/// <summary>Whether a file is the model that is wanted.</summary>
internal static class ModelMatch
{
    // The shape of Qwen3-4B: what else has its name and template is of another size.
    private const int Layers = 36, Width = 2560;

    /// <summary>Whether it can be, before its header is read.</summary>
    public static bool CanBe(Candidate candidate, Qwen3Model model) =>
        (model.Quantization is null || candidate.Quantization is null || IsSame(candidate.Quantization, model.Quantization))
        && (model.File is null || IsFile(candidate, model.File))
        && (model.NamesInFiles.Count > 0 || IsOf(candidate, model));

    /// <summary>Whether it is, by its header.</summary>
    public static bool Is(Candidate candidate, FoundModel found, Qwen3Model model) =>
        (model.Quantization is null || IsSame(found.Quantization, model.Quantization))
        && (model.Variant is null || found.Variant == model.Variant)
        && (IsOf(candidate, model) || IsNamed(found, model));

    private static bool IsOf(Candidate candidate, Qwen3Model model) =>
        IsFrom(candidate, model.HuggingFaceRepository) || IsFrom(candidate, model.ModelScopeRepository);

    private static bool IsFrom(Candidate candidate, string? repository) => repository is not null
        && (IsSame(candidate.Repository, repository)
            || (candidate.Location == ModelLocation.LlamaCpp && LlamaCppSearch.IsOf(candidate.Name, repository)));

    private static bool IsNamed(FoundModel found, Qwen3Model model) =>
        found.Shape == (Layers, Width) && model.NamesInFiles.Contains(Letters(GgufName.Read(found.Name + ".gguf")?.Model ?? found.Name));

    private static bool IsFile(Candidate candidate, string file)
    {
        string name = file[(file.LastIndexOf('/') + 1)..];
        return IsSame(candidate.Name, name)
            || (candidate.Location == ModelLocation.LlamaCpp && candidate.Name.EndsWith("_" + name, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsSame(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
