using Qwen3.Chat.Models.Fetching;

namespace Qwen3.Chat.Models;

/// <summary>The cache that tools for the Hugging Face Hub share: where it has what, and how something gets there.</summary>
/// <remarks>Layout: <see href="https://huggingface.co/docs/hub/local-cache"/>.</remarks>
/// <param name="root">The cache's folder.</param>
/// <param name="createLink">Creates a symbolic link of a path to a target; <see langword="null"/> for the system's.</param>
internal sealed class HuggingFaceCache(string root, Action<string, string>? createLink = null)
{
    private const string Prefix = "models--";

    private readonly Action<string, string> _createLink = createLink ?? ((path, target) => File.CreateSymbolicLink(path, target));

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The repository that a folder of the cache is for, or <see langword="null"/> if it is for none.</summary>
    public static string? Repository(string folder)
    {
        string name = Path.GetFileName(folder);
        string repository = name.StartsWith(Prefix, StringComparison.Ordinal)
            ? name[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : "";
        return HubNames.IsRepository(repository) ? repository : null;
    }

    public string RepositoryFolder(string repository) => Path.Combine(Root, FolderName(repository));

    public string Blob(string repository, string checksum) => Path.Combine(RepositoryFolder(repository), "blobs", checksum);

    public string Snapshot(string repository, string commit, string file) =>
        Path.Combine([RepositoryFolder(repository), "snapshots", commit, .. file.Split('/')]);

    /// <summary>The file whose lock the fetching of a blob holds, for other tools too.</summary>
    public string Lock(string repository, string checksum) => Path.Combine(Root, ".locks", FolderName(repository), checksum + ".lock");

    /// <summary>The commit that a branch is known to be at, or <see langword="null"/>.</summary>
    public static string? Commit(string repositoryFolder, string branch)
    {
        string path = Path.Combine(repositoryFolder, "refs", branch);
        string commit = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        return HubNames.IsCommit(commit) ? commit : null;
    }

    /// <summary>Writes down which commit a branch is at.</summary>
    public void SetCommit(string repository, string branch, string commit)
    {
        string path = Path.Combine(RepositoryFolder(repository), "refs", branch);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Has a snapshot show a blob under the file's name: by a link, or, where there are none, by being the file itself.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="file">The file, whose blob is there.</param>
    /// <param name="isNew">Whether the blob has just been brought, so that no other snapshot links to it.</param>
    /// <returns>The path in the snapshot.</returns>
    /// <exception cref="IOException">A link in the way leads elsewhere.</exception>
    public string Link(string repository, HubFile file, bool isNew)
    {
        string path = Snapshot(repository, file.Commit, file.Path);
        string folder = Path.GetDirectoryName(path)!;
        RequireOwnFolders(repository, folder);
        Directory.CreateDirectory(folder);
        string blob = Blob(repository, file.Checksum);
        if (new FileInfo(path).LinkTarget is not null)
        {
            // Of an earlier content, or to a blob that is gone.
            File.Delete(path);
        }

        try
        {
            _createLink(path, Path.GetRelativePath(folder, blob));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            if (!File.Exists(path) || FileLength(path) != file.Size)
            {
                // A link may just have been made by another tool; without one, a blob that others link to stays where it is.
                Put(blob, path, isNew);
            }
        }

        return path;
    }

    /// <summary>The length of a file, behind whatever link.</summary>
    public static long FileLength(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return stream.Length;
    }

    private static void Put(string blob, string path, bool isNew)
    {
        if (isNew)
        {
            File.Move(blob, path, overwrite: true);
            return;
        }

        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.Copy(blob, temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string FolderName(string repository) => Prefix + repository.Replace("/", "--", StringComparison.Ordinal);

    /// <summary>Nothing is written through a link that stands for one of the folders.</summary>
    private void RequireOwnFolders(string repository, string folder)
    {
        string end = RepositoryFolder(repository);
        for (string at = folder; at.Length > end.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new DirectoryInfo(at).LinkTarget is { } target)
            {
                throw new IOException($"{at} is a link to {target}, and models are written into the cache's own folders alone. Remove the link.");
            }
        }
    }
}
