namespace Qwen3.Chat.Models;

/// <summary>Checks the free space of the disk.</summary>
internal static class DiskSpace
{
    // Left to other programs that write to the same disk.
    private const long Margin = 64 << 20;

    // ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows, ENOSPC and EDQUOT of Linux and macOS.
    private static readonly int[] s_full = [unchecked((int)0x80070070), unchecked((int)0x80070027), 28, 122, 69];

    /// <summary>Requires free space. Where it is unknown, only writing can tell.</summary>
    /// <exception cref="InsufficientDiskSpaceException">There is less free space than needed.</exception>
    public static void Require(string repository, string folder, long bytes)
    {
        if (Free(folder) is { } free && bytes > free - Margin)
        {
            throw Full(repository, folder, bytes, free);
        }
    }

    public static bool IsFull(Exception e) => e is IOException && s_full.Contains(e.HResult);

    public static InsufficientDiskSpaceException Full(string repository, string folder, long bytes, Exception cause) =>
        Full(repository, folder, bytes, Free(folder) ?? 0, cause);

    private static InsufficientDiskSpaceException Full(
        string repository, string folder, long bytes, long free, Exception? cause = null) => new(
        repository,
        $"{repository} needs {bytes / 1e9:0.00} GB more, and {folder} has {free / 1e9:0.00} GB free. Free some " +
        "space, or set a folder on " +
        $"another disk ({nameof(ModelHubOptions)}.{nameof(ModelHubOptions.CacheFolder)}, HF_HUB_CACHE). The next " +
        "attempt resumes.",
        bytes,
        free,
        cause);

    /// <summary>Returns the free bytes, or <see langword="null"/> if unknown, as of a share on Windows.</summary>
    private static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
