using System.Text;

namespace Qwen3.Chat.Models;

/// <summary>The cache that tools for the Hugging Face Hub share: its paths, and how files get there.</summary>
/// <remarks>
/// <para>Layout: <see href="https://huggingface.co/docs/hub/local-cache"/>.</para>
/// <para>
/// Nothing is written through a link: folders below the root that are links are refused, and files are written under a
/// new name and then renamed, which replaces a link instead of following it.
/// </para>
/// </remarks>
/// <param name="root">The folder of the cache.</param>
/// <param name="subfolder">The subfolder with the repositories; empty for the folder of the cache itself.</param>
/// <param name="createLink">
/// Creates a symbolic link with a path and a target; <see langword="null"/> for the system's.
/// </param>
internal sealed class HuggingFaceCache(string root, string subfolder = "", Action<string, string>? createLink = null)
{
    private const string Prefix = "models--";
    private const int MaxRefLength = 1 << 10, MaxNameBytes = 255;

    private readonly Action<string, string> _createLink = createLink ?? ((path, target) =>
        File.CreateSymbolicLink(path, target));

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The folder with the repositories.</summary>
    public string Folder => Path.Combine(Root, subfolder);

    /// <summary>
    /// Returns the repository of a folder of the cache, or <see langword="null"/> if it is not the folder of one.
    /// </summary>
    public static string? Repository(string folder)
    {
        string name = Path.GetFileName(folder);
        string repository = name.StartsWith(Prefix, StringComparison.Ordinal)
            ? name[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : "";
        return HubNames.IsRepository(repository) ? repository : null;
    }

    public string RepositoryFolder(string repository) => Path.Combine(Folder, FolderName(repository));

    public string Blob(string repository, string checksum) =>
        Path.Combine(RepositoryFolder(repository), "blobs", checksum);

    /// <summary>Returns the path of a file in a snapshot.</summary>
    /// <exception cref="IOException">A name is too long for a file system.</exception>
    public string Snapshot(string repository, string commit, string file) =>
        file.Split('/').All(name => Encoding.UTF8.GetByteCount(name) <= MaxNameBytes)
            ? Path.Combine([RepositoryFolder(repository), "snapshots", commit, .. file.Split('/')])
            : throw new PathTooLongException($"A name in the path {file} is longer than {MaxNameBytes} bytes.");

    /// <summary>Returns the lock file of a blob, which other tools use too.</summary>
    public string Lock(string repository, string checksum) =>
        Path.Combine(Folder, ".locks", FolderName(repository), checksum + ".lock");

    /// <summary>Returns the commit of a branch, or <see langword="null"/> if it is unknown.</summary>
    public static string? Commit(string repositoryFolder, string branch)
    {
        try
        {
            byte[] content = SmallFile.Read(Path.Combine(repositoryFolder, "refs", branch), MaxRefLength) ?? [];
            string commit = Encoding.UTF8.GetString(content).Trim();
            return HubNames.IsCommit(commit) ? commit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Records the commit of a branch.</summary>
    public void SetCommit(string repository, string branch, string commit)
    {
        if (Commit(RepositoryFolder(repository), branch) != commit)
        {
            Write(Path.Combine(RepositoryFolder(repository), "refs", branch), commit);
        }
    }

    /// <summary>Adds a blob to a snapshot: as a link, or as the file itself where links cannot be created.</summary>
    /// <param name="path">The path in the snapshot. A file or link in its place is replaced.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="isNew">Whether the blob was just fetched, so that no other snapshot links to it.</param>
    public void Link(string path, string blob, bool isNew)
    {
        string folder = CreateFolder(path), temporary = Temporary(folder);
        try
        {
            try
            {
                _createLink(temporary, Path.GetRelativePath(folder, blob));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                // A blob that other snapshots link to stays where it is.
                if (isNew)
                {
                    File.Move(blob, temporary);
                }
                else
                {
                    File.Copy(blob, temporary);
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Replaces a small file of the cache.</summary>
    public void Write(string path, string content)
    {
        string temporary = Temporary(CreateFolder(path));
        try
        {
            File.WriteAllText(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Creates the folder of a file of the cache.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">The folder, or one above it within the cache, is a link.</exception>
    public string CreateFolder(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        for (string at = folder; at.Length > Root.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new DirectoryInfo(at).LinkTarget is { } target)
            {
                throw new IOException(
                    $"{at} is a link to {target}. Only the folder of the cache itself may be a link; remove this one.");
            }
        }

        return Directory.CreateDirectory(folder).FullName;
    }

    // Not the name of the file with a suffix, which could be longer than names may be.
    private static string Temporary(string folder) => Path.Combine(folder, $".qwen3-{Guid.NewGuid():N}");

    private static string FolderName(string repository) =>
        Prefix + repository.Replace("/", "--", StringComparison.Ordinal);
}
