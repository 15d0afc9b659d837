namespace Qwen3.Chat.Models.Finding;

/// <summary>Finds models in the folder that llama.cpp fetched into before March 2026, where a file is named <c>owner_name_file.gguf</c>.</summary>
internal static class LlamaCppSearch
{
    public static IEnumerable<Candidate> Candidates(HubSettings settings)
    {
        string folder = settings.Variable("LLAMA_CACHE") ?? Path.Combine(
            OperatingSystem.IsMacOS() ? Path.Combine(settings.UserFolder, "Library", "Caches")
            : OperatingSystem.IsWindows() ? settings.Variable("LOCALAPPDATA") ?? settings.UserCache
            : settings.UserCache,
            "llama.cpp");
        return HuggingFaceSearch.Candidates(folder).Concat(FolderSearch.Models(folder)
            .Where(path => Path.GetDirectoryName(path) == Path.TrimEndingDirectorySeparator(folder))
            .Select(path => new Candidate(path, ModelLocation.LlamaCpp, Repository: null, Path.GetFileName(path))));
    }

    /// <summary>Whether a file's name begins with a repository as llama.cpp wrote it.</summary>
    public static bool IsOf(string fileName, string repository) =>
        fileName.StartsWith(repository.Replace('/', '_') + "_", StringComparison.OrdinalIgnoreCase);
}
