namespace Qwen3.Chat.Models.Finding;

/// <summary>Finds GGUF files in folders.</summary>
internal static class FolderSearch
{
    private const int MaxDepth = 8;

    /// <summary>The models in a folder and in those below, of a split model the first part; none if there is no such folder.</summary>
    public static IEnumerable<string> Models(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var options = new EnumerationOptions
        {
            IgnoreInaccessible = true,
            RecurseSubdirectories = true,
            MaxRecursionDepth = MaxDepth,
            MatchCasing = MatchCasing.CaseInsensitive,
        };
        return Directory.EnumerateFiles(folder, "*.gguf", options)
            .Where(path => GgufName.Read(Path.GetFileName(path)) is { Part: 1 })
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The models of folders that are laid out as <c>owner/name/file.gguf</c>, or in any other way.</summary>
    public static IEnumerable<Candidate> Candidates(string folder, ModelLocation location) =>
        Models(folder).Select(path => new Candidate(path, location, Repository(folder, path), Path.GetFileName(path)));

    private static string? Repository(string folder, string path)
    {
        string[] segments = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar);
        return segments.Length >= 3 && HubNames.IsRepository($"{segments[0]}/{segments[1]}") ? $"{segments[0]}/{segments[1]}" : null;
    }
}
