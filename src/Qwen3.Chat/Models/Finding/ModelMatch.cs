namespace Qwen3.Chat.Models;

/// <summary>Decides whether a file is the requested model.</summary>
internal static class ModelMatch
{
    // The shape of Qwen3-4B. Models of other sizes have the same template and similar names.
    private const int Layers = 36, Width = 2560;

    /// <summary>Returns whether a file can be the model; called before its header is read.</summary>
    public static bool CanBe(Candidate candidate, Qwen3Model model) =>
        (model.Quantization is null || candidate.Quantization is null
            || IsSame(candidate.Quantization, model.Quantization))
        && (model.File is null || IsFile(candidate, model.File))
        && (model.NamesInFiles.Count > 0 || IsOf(candidate, model));

    /// <summary>Returns whether a file is the model, by its header.</summary>
    public static bool Is(Candidate candidate, FoundModel found, Qwen3Model model) =>
        (model.Quantization is null || IsSame(found.Quantization, model.Quantization))
        && (model.Variant is null || found.Variant == model.Variant)
        && (IsOf(candidate, model) || IsNamed(found, model));

    private static bool IsOf(Candidate candidate, Qwen3Model model) =>
        IsFrom(candidate, model.HuggingFaceRepository, ModelHubKind.HuggingFace)
        || IsFrom(candidate, model.ModelScopeRepository, ModelHubKind.ModelScope);

    private static bool IsFrom(Candidate candidate, string? repository, ModelHubKind hub) => repository is not null
        && (candidate.Hub is null || candidate.Hub == hub)
        && (IsSame(candidate.Repository, repository)
            || (candidate.Location == ModelLocation.LlamaCpp
                && ToolSearch.IsLlamaCppFileOf(candidate.Name, repository)));

    private static bool IsNamed(FoundModel found, Qwen3Model model) =>
        found.Shape == (Layers, Width)
        && model.NamesInFiles.Contains(Letters(GgufName.Read(found.Name + ".gguf")?.Model ?? found.Name));

    private static bool IsFile(Candidate candidate, string file)
    {
        // Any part of a split model can be named.
        (string stem, int parts) = Whole(file);
        (string name, int nameParts) = Whole(candidate.File ?? candidate.Name);
        return parts == nameParts
            && (IsSame(name, candidate.File is null ? Path.GetFileName(stem) : stem)
                || (candidate.Location == ModelLocation.LlamaCpp
                    && name.EndsWith("_" + stem.Replace('/', '_'), StringComparison.OrdinalIgnoreCase)));
    }

    private static (string Stem, int Parts) Whole(string file) =>
        GgufName.Read(file) is { } name ? (name.Stem, name.Parts) : (file, 1);

    private static bool IsSame(string? one, string? other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Letters(string name) =>
        string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
