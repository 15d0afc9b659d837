namespace Qwen3.Chat.Models;

/// <summary>Finds models in a cache with the layout of the Hugging Face cache.</summary>
internal static class HuggingFaceSearch
{
    private static readonly EnumerationOptions s_options = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None,
    };

    public static IEnumerable<Candidate> Candidates(string cache, ModelHubKind hub, FolderSearch search) =>
        Folders(cache, "models--*", search)
            .Order(StringComparer.Ordinal)
            .SelectMany(folder => Repository(folder, hub, search));

    private static IEnumerable<Candidate> Repository(string folder, ModelHubKind hub, FolderSearch search)
    {
        if (HuggingFaceCache.Repository(folder) is not { } repository)
        {
            return [];
        }

        // The commit of the main branch comes first, then the newest.
        string? main = HuggingFaceCache.Commit(folder, "main");
        return Folders(Path.Combine(folder, "snapshots"), "*", search)
            .OrderByDescending(snapshot => Path.GetFileName(snapshot) == main)
            .ThenByDescending(Directory.GetLastWriteTimeUtc)
            .SelectMany(snapshot => search.Models(snapshot).Select(path => Candidate(repository, hub, snapshot, path)));
    }

    private static string[] Folders(string folder, string pattern, FolderSearch search)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern, s_options) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            search.Report(folder, e);
            return [];
        }
    }

    private static Candidate Candidate(string repository, ModelHubKind hub, string snapshot, string path) => new(
        path,
        hub == ModelHubKind.ModelScope ? ModelLocation.ModelScopeCache : ModelLocation.HuggingFaceCache,
        repository,
        Path.GetFileName(path),
        Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/'))
    {
        Hub = hub,
    };
}
