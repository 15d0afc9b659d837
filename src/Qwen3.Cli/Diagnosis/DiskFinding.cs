using Qwen3.Chat.Models;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Examines the disk that models are fetched to.</summary>
internal static class DiskFinding
{
    // The smallest file of the catalogue.
    private const long ModelSize = 2_500_000_000;

    public static Finding OfModels()
    {
        using var fetcher = new ModelFetcher();
        return Of(Path.GetFullPath(fetcher.CacheFolder));
    }

    /// <param name="folder">The full path of a folder that may not exist.</param>
    public static Finding Of(string folder)
    {
        string? existing = folder;
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        if (existing is null)
        {
            return new(
                FindingLevel.Warning, "disk", $"no part of the folder exists that models are fetched to, {folder}",
                "Connect the drive, or set HF_HUB_CACHE to a folder on another disk.");
        }

        if (FreeSpace(existing) is not { } free)
        {
            return new(FindingLevel.Ok, "disk", $"the free space is unknown where models are fetched to, {folder}");
        }

        string text = $"{ByteSize.Text(free)} free where models are fetched to, {folder}";
        return free >= ModelSize
            ? new(FindingLevel.Ok, "disk", text)
            : new(
                FindingLevel.Warning, "disk", text,
                $"A 4B model in Q4_K_M needs {ByteSize.Text(ModelSize)}: free some space, or set HF_HUB_CACHE to " +
                "a folder on another disk.");
    }

    private static long? FreeSpace(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        // .NET does not know network shares as drives on Windows, and a drive can be removed.
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
