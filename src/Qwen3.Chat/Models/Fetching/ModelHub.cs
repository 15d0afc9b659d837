namespace Qwen3.Chat.Models;

/// <summary>The interface of a hub.</summary>
internal abstract class ModelHub
{
    /// <summary>Lists the files of a repository.</summary>
    public abstract Task<HubListing> ListAsync(string repository, CancellationToken cancellationToken);

    /// <summary>Completes the description of a file where the listing has gaps.</summary>
    public abstract Task<HubFile> DescribeAsync(string repository, HubFile file, CancellationToken cancellationToken);

    protected static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    protected static bool IsModel(string? path) =>
        path is not null && HubNames.IsFile(path) && GgufName.Read(path) is not null;
}

/// <summary>A file of a repository, as the hub describes it.</summary>
/// <param name="Path">The validated path in the repository.</param>
/// <param name="Size">The size in bytes; not positive if the hub does not state it.</param>
/// <param name="Checksum">
/// The SHA-256, or git's SHA-1 of a file that is in git itself; empty if the hub does not state it.
/// </param>
/// <param name="Commit">The commit of the listing.</param>
/// <param name="Address">The address of the content.</param>
internal sealed record HubFile(string Path, long Size, string Checksum, string Commit, Uri Address);

/// <summary>The files of a repository.</summary>
/// <param name="Files">The GGUF models with valid names, in the order of the hub.</param>
/// <param name="IsMain">Whether the files are those of the branch <c>main</c> of the Hugging Face Hub.</param>
internal sealed record HubListing(IReadOnlyList<HubFile> Files, bool IsMain);
