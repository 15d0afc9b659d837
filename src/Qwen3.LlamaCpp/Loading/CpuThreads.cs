using System.Globalization;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>Determines how many threads the CPU backend should use.</summary>
internal static class CpuThreads
{
    private const string Topology = "/sys/devices/system/cpu";

    /// <summary>The environment variable that sets the default number of threads.</summary>
    public const string Variable = "QWEN3_THREADS";

    private static readonly int s_cores = Math.Max(1, Math.Min(Environment.ProcessorCount, PhysicalCores() ?? int.MaxValue));

    /// <summary>
    /// Gets the default: the number in the environment variable <see cref="Variable"/>, or else one thread for each physical core
    /// that this process may use.
    /// </summary>
    /// <exception cref="LlamaException">The environment variable is not a number of threads.</exception>
    /// <remarks>
    /// <see cref="Environment.ProcessorCount"/> is the number of logical processors within the process's affinity and its
    /// container's quota. Two threads on one core share its vector units, so more threads than cores only add waiting.
    /// </remarks>
    public static int Default => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } value
        ? s_cores
        : int.TryParse(value, CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= InferenceEngineOptions.ThreadLimit
            ? Math.Min(threads, Maximum)
            : throw new LlamaException(
                $"The environment variable {Variable} is '{value}'. Set it to a number from 1 to {InferenceEngineOptions.ThreadLimit}.");

    /// <summary>Gets the most threads that can run at the same time; more would only wait for each other.</summary>
    public static int Maximum => Environment.ProcessorCount;

    /// <summary>Counts the physical cores of the processors that this process may run on, or returns <see langword="null"/> if unknown.</summary>
    private static int? PhysicalCores()
    {
        // Elsewhere the number of logical processors counts.
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            const string Key = "Cpus_allowed_list:";
            string? allowed = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
            return allowed is null ? null : CountCores(ParseList(allowed[Key.Length..]), Siblings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Counts groups of processors that share a core.</summary>
    /// <param name="processors">The processors that may be used.</param>
    /// <param name="siblings">Returns the list of a processor's siblings as the kernel writes it, such as <c>0,4</c> or <c>0-1</c>.</param>
    internal static int CountCores(IEnumerable<int> processors, Func<int, string?> siblings) =>
        processors.Select(processor => siblings(processor)?.Trim() ?? $"{processor}").Distinct().Count();

    /// <summary>Parses a list of processors as the kernel writes it, such as <c>0-3,8</c>.</summary>
    internal static IEnumerable<int> ParseList(string list)
    {
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            for (int processor = int.Parse(ends[0]); processor <= int.Parse(ends[^1]); processor++)
            {
                yield return processor;
            }
        }
    }

    private static string? Siblings(int processor)
    {
        string path = $"{Topology}/cpu{processor}/topology/thread_siblings_list";
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }
}
