using System.Globalization;
using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>
/// Makes the threads of llama.cpp's CPU backend spin only briefly while they wait for each other.
/// </summary>
/// <remarks>
/// The backend's OpenMP runtime (libgomp) spins at each barrier for milliseconds by default. A thread that was preempted by
/// another program then stalls all others, and generation nearly stops. A short spin costs a few percent on a quiet machine:
/// <c>benchmarks contention</c> measures both.
/// </remarks>
internal static partial class ThreadWaiting
{
    public const int SpinCount = 1_000;

    private const string SpinVariable = "GOMP_SPINCOUNT", PolicyVariable = "OMP_WAIT_POLICY";

    /// <summary>Sets the spin count, unless the user has set it. Must run before libgomp is loaded, which reads it once.</summary>
    /// <returns>What is in force, for logs and diagnostics.</returns>
    public static string Apply()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "the default of the OpenMP runtime or thread pool of this platform (not changed)";
        }

        foreach (string variable in (string[])[SpinVariable, PolicyVariable])
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            {
                return $"{variable}={value} (from the environment)";
            }
        }

        if (IsLoaded())
        {
            return $"libgomp's default: it was loaded before the first model. Set the environment variable {SpinVariable}=" +
                $"{SpinCount.ToString(CultureInfo.InvariantCulture)} for the process if other programs keep its processors busy.";
        }

        // .NET's own SetEnvironmentVariable does not reach the C environment.
        return setenv(SpinVariable, SpinCount.ToString(CultureInfo.InvariantCulture), overwrite: 0) == 0
            ? $"{SpinVariable}={SpinCount.ToString(CultureInfo.InvariantCulture)}"
            : $"libgomp's default: {SpinVariable} could not be set (error {Marshal.GetLastPInvokeError()})";
    }

    private static bool IsLoaded()
    {
        try
        {
            return File.ReadLines("/proc/self/maps").Any(line => line.Contains("/libgomp", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int setenv(string name, string value, int overwrite);
}
