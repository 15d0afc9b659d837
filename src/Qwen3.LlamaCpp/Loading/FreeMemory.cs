using System.Globalization;

namespace Qwen3.LlamaCpp;

/// <summary>How many bytes are free.</summary>
/// <param name="Ram">In this machine, or in its container. File caches count as free, and with them the weights that are mapped from a file.</param>
/// <param name="Gpus">On the GPUs that take a model's layers.</param>
internal readonly record struct FreeMemory(long Ram, long Gpus)
{
    private const string ControlGroup = "/sys/fs/cgroup/memory.";

    /// <summary>How many bytes are free in RAM.</summary>
    public static long RamNow
    {
        get
        {
            if (OperatingSystem.IsLinux() && Read("/proc/meminfo", "MemAvailable:") is { } available)
            {
                return Math.Min(available << 10, FreeInContainer() ?? long.MaxValue);
            }

            if (GC.GetGCMemoryInfo().Index == 0)
            {
                // The machine's load is known from the first collection on.
                GC.Collect(0);
            }

            GCMemoryInfo info = GC.GetGCMemoryInfo();
            return info.TotalAvailableMemoryBytes - info.MemoryLoadBytes;
        }
    }

    public static FreeMemory Now(GpuOffload offload) => new(RamNow, offload.FreeBytes());

    /// <summary>What a container (control groups, version 2) may still take, with file caches that it can give up counted in.</summary>
    private static long? FreeInContainer() =>
        Read(ControlGroup + "max", "") is { } limit && Read(ControlGroup + "current", "") is { } used
            ? Math.Max(0, limit - used + (Read(ControlGroup + "stat", "inactive_file ") ?? 0) + (Read(ControlGroup + "stat", "active_file ") ?? 0))
            : null;

    /// <summary>The number behind a key in one of the system's text files; <see langword="null"/> if there is none.</summary>
    private static long? Read(string path, string key)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        foreach (string line in File.ReadLines(path))
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                string number = line[key.Length..].Trim().Split(' ')[0];
                return long.TryParse(number, CultureInfo.InvariantCulture, out long value) ? value : null;
            }
        }

        return null;
    }
}
