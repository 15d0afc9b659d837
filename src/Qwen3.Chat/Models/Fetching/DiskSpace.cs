namespace Qwen3.Chat.Models.Fetching;

/// <summary>Whether there is room on the disk.</summary>
internal static class DiskSpace
{
    // Left to others who write to the same disk.
    private const long Margin = 64 << 20;

    // ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows, ENOSPC and EDQUOT of Linux and macOS.
    private static readonly int[] s_full = [unchecked((int)0x80070070), unchecked((int)0x80070027), 28, 122, 69];

    /// <exception cref="InsufficientDiskSpaceException">There is less room than needed.</exception>
    public static void Require(string repository, string folder, long bytes)
    {
        long free = Free(folder);
        if (bytes > free - Margin)
        {
            throw Full(repository, folder, bytes, free);
        }
    }

    public static bool IsFull(Exception e) => e is IOException && s_full.Contains(e.HResult);

    public static InsufficientDiskSpaceException Full(string repository, string folder, long bytes, Exception cause) =>
        Full(repository, folder, bytes, Free(folder), cause);

    private static InsufficientDiskSpaceException Full(string repository, string folder, long bytes, long free, Exception? cause = null) => new(
        repository,
        $"{repository} takes {bytes / 1e9:0.00} GB more, and {folder} has room for {free / 1e9:0.00} GB. Free some space, or fetch to another disk " +
        $"({nameof(ModelHubOptions)}.{nameof(ModelHubOptions.CacheFolder)}, HF_HUB_CACHE); what is there is kept, and gone on with.",
        bytes,
        free,
        cause);

    private static long Free(string folder) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
}
