namespace Qwen3.Chat.Models.Fetching;

/// <summary>A file of a repository, as the hub describes it.</summary>
/// <param name="Path">Its path in the repository, which is safe.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Checksum">Its SHA-256, or git's SHA-1 of a file that is in git itself; empty if the hub does not say.</param>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="Address">Where it is fetched from.</param>
internal sealed record HubFile(string Path, long Size, string Checksum, string Commit, Uri Address);
