namespace Qwen3.Chat.Models.Finding;

/// <summary>Finds models in the Hugging Face cache.</summary>
internal static class HuggingFaceSearch
{
    public static IEnumerable<Candidate> Candidates(string cache)
    {
        if (!Directory.Exists(cache))
        {
            yield break;
        }

        foreach (string folder in Directory.EnumerateDirectories(cache, "models--*").Order(StringComparer.Ordinal))
        {
            string snapshots = Path.Combine(folder, "snapshots");
            if (HuggingFaceCache.Repository(folder) is not { } repository || !Directory.Exists(snapshots))
            {
                continue;
            }

            // What the main branch has comes first, then the newest.
            string? main = HuggingFaceCache.Commit(folder, "main");
            IEnumerable<string> commits = Directory.EnumerateDirectories(snapshots)
                .OrderByDescending(snapshot => Path.GetFileName(snapshot) == main)
                .ThenByDescending(Directory.GetLastWriteTimeUtc);
            foreach (string path in commits.SelectMany(FolderSearch.Models))
            {
                yield return new(path, ModelLocation.HuggingFaceCache, repository, Path.GetFileName(path));
            }
        }
    }
}
