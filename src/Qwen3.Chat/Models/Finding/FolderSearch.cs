using System.IO.Enumeration;

namespace Qwen3.Chat.Models;

/// <summary>Finds GGUF files in folders.</summary>
/// <remarks>
/// The folders are other people's: a folder may be unreadable, on a disk that fails, or a link that leads back to
/// itself. Such a folder is passed over; the others are searched.
/// </remarks>
/// <param name="onError">Invoked with a folder that cannot be read, and the reason.</param>
/// <param name="cancellationToken">Cancels the search.</param>
internal sealed class FolderSearch(Action<string, string> onError, CancellationToken cancellationToken)
{
    private const int MaxDepth = 8, MaxFolders = 20_000;

    /// <summary>
    /// Returns the models in a folder and its subfolders, of split models the first part, in the order of their paths.
    /// </summary>
    public IEnumerable<string> Models(string folder, int maxDepth = MaxDepth) =>
        Files(folder, maxDepth).Where(path => GgufName.Read(Path.GetFileName(path)) is { Part: 1 });

    /// <summary>Returns the models of a folder that may be laid out as <c>owner/name/file.gguf</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="location">The location of the models.</param>
    /// <param name="hub">The hub that the repositories belong to, or <see langword="null"/> if unknown.</param>
    /// <param name="repositoryName">Turns the names of two folders into a repository.</param>
    public IEnumerable<Candidate> Candidates(
        string folder, ModelLocation location, ModelHubKind? hub = null, Func<string, string>? repositoryName = null) =>
        Models(folder).Select(path => Candidate(folder, path, location, hub, repositoryName ?? (name => name)));

    /// <summary>Returns the files in a folder and its subfolders, in the order of their paths.</summary>
    public IEnumerable<string> Files(string folder, int maxDepth = MaxDepth)
    {
        var files = new List<string>();
        // By real paths, so that no folder is searched twice and links that form a loop end.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var folders = new Stack<(string Path, string RealPath, int Depth)>();
        folders.Push((folder, Path.GetFullPath(folder), 0));
        while (folders.TryPop(out var at) && seen.Count < MaxFolders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                string real = Directory.ResolveLinkTarget(at.RealPath, returnFinalTarget: true)?.FullName
                    ?? at.RealPath;
                if (!Directory.Exists(real) || !seen.Add(real))
                {
                    continue;
                }

                foreach ((string name, bool isFolder) in Entries(real))
                {
                    string path = Path.Combine(at.Path, name);
                    if (!isFolder)
                    {
                        files.Add(path);
                    }
                    else if (at.Depth < maxDepth)
                    {
                        folders.Push((path, Path.Combine(real, name), at.Depth + 1));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Report(at.Path, e);
            }
        }

        if (folders.Count > 0)
        {
            onError(folder, $"It has more than {MaxFolders} folders; the rest is not searched.");
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    public void Report(string folder, Exception e) => onError(folder, e.Message);

    private static FileSystemEnumerable<(string Name, bool IsFolder)> Entries(string folder)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = false, RecurseSubdirectories = false };
        return new(
            folder, static (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory), options);
    }

    private static Candidate Candidate(
        string folder, string path, ModelLocation location, ModelHubKind? hub, Func<string, string> repositoryName)
    {
        string name = Path.GetFileName(path);
        return Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar) is [var owner, var repository,
            .. var file]
            && file.Length > 0
            && $"{repositoryName(owner)}/{repositoryName(repository)}" is var full
            && HubNames.IsRepository(full)
            ? new(path, location, full, name, file.Length > 1 ? string.Join('/', file) : null) { Hub = hub }
            : new(path, location, Repository: null, name);
    }
}

/// <summary>A GGUF file that may be a model.</summary>
/// <param name="Path">The file; of a split model the first part.</param>
/// <param name="Location">The location.</param>
/// <param name="Repository">The repository, if the location tells it.</param>
/// <param name="Name">The name of the file, or the name that a store gives it.</param>
/// <param name="File">The file in its repository, with <c>/</c> between folders, if the location tells it.</param>
internal sealed record Candidate(
    string Path, ModelLocation Location, string? Repository, string Name, string? File = null)
{
    /// <summary>The hub of the repository, or <see langword="null"/> if it can be any.</summary>
    public ModelHubKind? Hub { get; init; }

    /// <summary>The quantization in the name.</summary>
    public string? Quantization => GgufName.Read(Name)?.Quantization;
}
