using System.Globalization;

namespace Qwen3.LlamaCpp;

/// <summary>How much memory of this machine, or of its container, is free.</summary>
internal static class FreeMemory
{
    public static long Bytes
    {
        get
        {
            GCMemoryInfo info = GC.GetGCMemoryInfo();
            // The total heeds a container's limit; the load is that of the last collection, and 0 before the first.
            long free = info.TotalAvailableMemoryBytes - info.MemoryLoadBytes;
            return OperatingSystem.IsLinux() && TryReadLinux(out long available) ? Math.Min(available, info.TotalAvailableMemoryBytes) : free;
        }
    }

    /// <summary>Linux tells what a program could get without swapping, file caches counted in.</summary>
    private static bool TryReadLinux(out long bytes)
    {
        bytes = 0;
        const string Key = "MemAvailable:", Unit = "kB";
        if (!File.Exists("/proc/meminfo"))
        {
            return false;
        }

        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith(Key, StringComparison.Ordinal) && line.EndsWith(Unit, StringComparison.Ordinal))
            {
                bool isNumber = long.TryParse(line.AsSpan(Key.Length..^Unit.Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long kilobytes);
                bytes = kilobytes << 10;
                return isNumber;
            }
        }

        return false;
    }
}
