using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>Explains why llama.cpp could not be loaded, and what to do.</summary>
internal static class LibraryDiagnosis
{
    /// <summary>Describes the failure of one file: the system's error and the remedy.</summary>
    public static string Explain(string path, Exception error)
    {
        string message = error.Message.Trim();
        string remedy = message switch
        {
            _ when message.Contains("libgomp", StringComparison.Ordinal) =>
                "Install the OpenMP runtime: `apt-get install libgomp1` (Debian, Ubuntu), `dnf install libgomp` (Fedora), `apk add libgomp` (Alpine).",
            _ when message.Contains("GLIBC", StringComparison.Ordinal) =>
                "The C or C++ library of this system is older than the one that the file was built for (glibc 2.35, GCC 11). Use a newer system, or a " +
                "build of your own.",
            _ when message.Contains("ld-linux", StringComparison.Ordinal) || message.Contains("ld-musl", StringComparison.Ordinal) =>
                "The file is for another C library than this system's: glibc and musl (Alpine) have packages of their own. Publish with the right " +
                $"runtime identifier; this process runs as {RuntimeInformation.RuntimeIdentifier}.",
            _ when message.Contains("libcuda", StringComparison.Ordinal) || message.Contains("libcublas", StringComparison.Ordinal) =>
                "Install the NVIDIA driver and CUDA 12, or remove the package LLamaSharp.Backend.Cuda12.",
            _ when message.Contains("libvulkan", StringComparison.Ordinal) =>
                "Install the Vulkan loader and a driver (`apt-get install libvulkan1`), or remove the package LLamaSharp.Backend.Vulkan.",
            _ when OperatingSystem.IsWindows() =>
                "Install the Microsoft Visual C++ Redistributable if it is missing; otherwise the file is not for this processor " +
                $"({RuntimeInformation.ProcessArchitecture}).",
            _ =>
                "If the error names another library, install that one; if it is about the format, the file is not for this machine " +
                $"({RuntimeInformation.RuntimeIdentifier}).",
        };
        return $"{path} could not be loaded: {message} {remedy}";
    }

    /// <summary>Creates the exception for a machine on which no build can be loaded.</summary>
    public static LlamaLibraryException NotLoadable(
        string? directory, LlamaBackend? backend, List<(string Path, string Error, Exception? Cause)> failures)
    {
        string option = $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.LibraryDirectory)}";
        string package = backend switch
        {
            LlamaBackend.Cuda => "LLamaSharp.Backend.Cuda12",
            LlamaBackend.Vulkan => "LLamaSharp.Backend.Vulkan",
            _ => "LLamaSharp.Backend.Cpu",
        };
        bool areFilesThere = failures.Exists(failure => failure.Cause is not null);
        string remedy = (directory, areFilesThere) switch
        {
            (not null, false) =>
                $"Put llama.cpp's libraries (commit {LlamaLibrary.BoundCommit}) there, or leave {option} and the environment variable " +
                $"{LibraryLoader.DirectoryVariable} unset to use those of the package {package}.",
            (null, false) =>
                $"Add the package to the application: `dotnet add package {package}`, and build again. Or name a directory with libraries of " +
                $"your own in {option} or in the environment variable {LibraryLoader.DirectoryVariable}.",
            _ => "Follow the advice above, or use another build.",
        };
        string what = backend is null ? "llama.cpp" : $"llama.cpp for {backend}";
        return new(
            $"{what} could not be loaded on {RuntimeInformation.RuntimeIdentifier}. Tried:" +
            string.Concat(failures.Select(failure => $"\n  {Line(failure.Path, failure.Error)}")) +
            (failures.Count == 0 ? "\n  nothing: no build fits this platform" : "") +
            $"\n{remedy}",
            failures.Select(failure => failure.Cause).FirstOrDefault(cause => cause is not null));
    }

    private static string Line(string path, string error) =>
        error.StartsWith(path, StringComparison.Ordinal) ? error
        : Directory.Exists(Path.GetDirectoryName(path)) ? $"{path}: {error}"
        : $"{path}: {error} (no such directory)";
}
