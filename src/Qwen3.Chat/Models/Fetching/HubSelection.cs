namespace Qwen3.Chat.Models;

/// <summary>Chooses the files of a model in a repository.</summary>
internal static class HubSelection
{
    /// <summary>Returns the models of a listing, each with its parts in order.</summary>
    public static IEnumerable<(GgufName Name, IReadOnlyList<HubFile> Parts)> Models(HubListing listing) => listing.Files
        .Select(file => (Name: GgufName.Read(file.Path)!, File: file))
        .GroupBy(entry => (entry.Name.Stem, entry.Name.Parts))
        .Select(group => (
            group.First().Name,
            (IReadOnlyList<HubFile>)[.. group.OrderBy(entry => entry.Name.Part).Select(entry => entry.File)]));

    /// <summary>Returns the size of all parts, without an overflow whatever sizes the hub states.</summary>
    public static long Size(IEnumerable<HubFile> parts) =>
        parts.Aggregate(
            0L,
            (size, part) => size > long.MaxValue - Math.Max(0, part.Size)
                ? long.MaxValue
                : size + Math.Max(0, part.Size));

    /// <summary>Returns the files of a model, the first part first.</summary>
    /// <exception cref="ModelNotFoundException">The repository has no such file, or lacks a part.</exception>
    public static IReadOnlyList<HubFile> Choose(HubListing listing, Qwen3Model model, string repository)
    {
        List<(GgufName Name, IReadOnlyList<HubFile> Parts)> models = [.. Models(listing)];
        IReadOnlyList<HubFile>? parts = model.File is not null
            ? models.FirstOrDefault(candidate => candidate.Parts.Any(part => part.Path == model.File)).Parts
            : model.Quantization is not null ? WithQuantization(models, model.Quantization)
            : GgufName.PreferredQuantizations
                .Select(quantization => WithQuantization(models, quantization))
                .FirstOrDefault(found => found is not null)
            ?? models.FirstOrDefault().Parts;
        string[] available = [.. models.Select(candidate => candidate.Parts[0].Path)];
        if (parts is null)
        {
            string wanted = model.File
                ?? (model.Quantization is null ? "GGUF file" : $"GGUF file in {model.Quantization}");
            string there = available.Length == 0
                ? "It has no GGUF files; repositories with such files are often named …-GGUF."
                : $"It has {string.Join(", ", available)}.";
            throw new ModelNotFoundException(repository, $"{repository} has no {wanted}. {there}", available);
        }

        int count = GgufName.Read(parts[0].Path)!.Parts;
        return parts.Count == count
            && parts.Select((part, i) => GgufName.Read(part.Path)!.Part == i + 1).All(isInOrder => isInOrder)
            ? parts
            : throw new ModelNotFoundException(
                repository,
                $"{repository} has {parts.Count} of the {count} parts of {parts[0].Path}. Give another file.",
                available);
    }

    private static IReadOnlyList<HubFile>? WithQuantization(
        List<(GgufName Name, IReadOnlyList<HubFile> Parts)> models, string quantization) =>
        models.FirstOrDefault(model => string.Equals(
            model.Name.Quantization, quantization, StringComparison.OrdinalIgnoreCase)).Parts;
}
