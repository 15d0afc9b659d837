using Qwen3.Chat.Models;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Looks at the disk that models are fetched to.</summary>
internal static class DiskFinding
{
    // The smallest file of the catalogue.
    private const long ModelSize = 2_500_000_000;

    public static Finding OfModels()
    {
        using var fetcher = new ModelFetcher();
        string folder = Path.GetFullPath(fetcher.CacheFolder), existing = folder;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        long free = new DriveInfo(existing).AvailableFreeSpace;
        string text = $"{ByteSize.Text(free)} free where models are fetched to, {folder}";
        return free >= ModelSize
            ? new(FindingLevel.Ok, "disk", text)
            : new(
                FindingLevel.Warning, "disk", text,
                $"A 4B model in Q4_K_M takes {ByteSize.Text(ModelSize)}: make room, or set HF_HUB_CACHE to a folder on another disk.");
    }
}
