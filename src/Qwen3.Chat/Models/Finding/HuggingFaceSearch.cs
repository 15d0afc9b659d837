namespace Qwen3.Chat.Models.Finding;

/// <summary>Finds models in the Hugging Face cache.</summary>
internal static class HuggingFaceSearch
{
    private static readonly EnumerationOptions s_options = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    public static IEnumerable<Candidate> Candidates(string cache) => Directory.Exists(cache)
        ? Directory.EnumerateDirectories(cache, "models--*", s_options).Order(StringComparer.Ordinal).SelectMany(Repository)
        : [];

    private static List<Candidate> Repository(string folder)
    {
        string snapshots = Path.Combine(folder, "snapshots");
        if (HuggingFaceCache.Repository(folder) is not { } repository || !Directory.Exists(snapshots))
        {
            return [];
        }

        try
        {
            // What the main branch has comes first, then the newest.
            string? main = HuggingFaceCache.Commit(folder, "main");
            IEnumerable<string> commits = Directory.EnumerateDirectories(snapshots, "*", s_options)
                .OrderByDescending(snapshot => Path.GetFileName(snapshot) == main)
                .ThenByDescending(Directory.GetLastWriteTimeUtc);
            return [.. commits.SelectMany(snapshot => FolderSearch.Models(snapshot).Select(path => Candidate(repository, snapshot, path)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not for this user, or being deleted: there is nothing to be found in it.
            return [];
        }
    }

    private static Candidate Candidate(string repository, string snapshot, string path) => new(
        path,
        ModelLocation.HuggingFaceCache,
        repository,
        Path.GetFileName(path),
        Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/'));
}
