using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Qwen3.LlamaCpp.Native;

/// <summary>Finds the llama.cpp libraries, loads them once for the process, and checks that they are the build whose structs are bound.</summary>
internal static partial class NativeLibraries
{
    /// <summary>What <c>llama_version()</c> answers in the pinned build. Struct layouts belong to one version.</summary>
    public const string RequiredVersion = "0.4.0-dev";

    /// <summary>The environment variable that names a directory with llama.cpp libraries of the user's own.</summary>
    public const string DirectoryVariable = "QWEN3_LLAMA_DIRECTORY";

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, nint> s_libraries = [];
    private static string? s_directory;
    private static bool s_isResolverSet;

    /// <summary>Loads the libraries unless they are loaded already.</summary>
    /// <param name="directory">A directory that wins over every other place, or <see langword="null"/>.</param>
    /// <returns>The directory that they were loaded from.</returns>
    /// <exception cref="LlamaLibraryException">They are missing, unusable, or already loaded from another directory than the one asked for.</exception>
    public static string EnsureLoaded(string? directory)
    {
        lock (s_lock)
        {
            if (s_directory is null)
            {
                string? own = directory ?? Environment.GetEnvironmentVariable(DirectoryVariable);
                Load(string.IsNullOrEmpty(own) ? null : own);
                return s_directory!;
            }

            if (directory is not null && !IsSameDirectory(directory, s_directory))
            {
                throw new LlamaLibraryException(
                    $"llama.cpp was already loaded from {s_directory}, and a process holds it once: it cannot be loaded from {directory} too. " +
                    $"Give the same {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.LibraryDirectory)} to every model.");
            }

            return s_directory;
        }
    }

    /// <summary>Opens the three libraries and checks their version, without putting them to use.</summary>
    /// <param name="ownDirectory">The only place to look in, or <see langword="null"/> for the default places.</param>
    /// <exception cref="LlamaLibraryException">They are missing, unusable or of another version.</exception>
    internal static (string Directory, Dictionary<string, nint> Libraries) Open(string? ownDirectory)
    {
        LibrarySet files = Find(ownDirectory);
        var loaded = new Dictionary<string, nint>();
        try
        {
            LoadInto(loaded, files);
            return (files.Directory, loaded);
        }
        catch
        {
            // What stays loaded would be found by the next attempt's libraries in the place of their own.
            foreach (nint library in loaded.Values.Reverse())
            {
                NativeLibrary.Free(library);
            }

            throw;
        }
    }

    private static unsafe void LoadInto(Dictionary<string, nint> loaded, LibrarySet files)
    {
        // Each library needs the ones before it, and finds them by being loaded already.
        foreach ((string name, string path) in files.InLoadOrder)
        {
            try
            {
                loaded[name] = NativeLibrary.Load(path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new LlamaLibraryException(
                    $"{path} could not be loaded: {e.Message.Trim()} " +
                    "If it names another library, install that one; if it speaks of the format or the architecture, the file is not for this machine " +
                    $"({RuntimeInformation.RuntimeIdentifier}).",
                    e);
            }
        }

        string version = NativeLibrary.TryGetExport(loaded[NativeMethods.Llama], "llama_version", out nint function)
            ? NativeMethods.ToText(((delegate* unmanaged[Cdecl]<byte*>)function)())
            : "of a version from before it had a llama_version function";
        if (version != RequiredVersion)
        {
            throw new LlamaLibraryException(
                $"{files.Llama} is llama.cpp {version}, but this build of Qwen3.LlamaCpp works with version {RequiredVersion} only, because the layout " +
                "of llama.cpp's structs changes between versions. Use the libraries that come with this package, or a build of that version.");
        }
    }

    private static void Load(string? ownDirectory)
    {
        (string directory, Dictionary<string, nint> libraries) = Open(ownDirectory);
        foreach ((string name, nint library) in libraries)
        {
            s_libraries[name] = library;
        }

        if (!s_isResolverSet)
        {
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
            s_isResolverSet = true;
        }

        NativeLog.Install();
        LoadBackends(directory);
        NativeMethods.llama_backend_init();
        s_directory = directory;
    }

    private static unsafe void LoadBackends(string directory)
    {
        // llama.cpp picks the CPU library that fits this processor, and every GPU library that finds its driver.
        using NativeLog.Scope log = NativeLog.Capture(null);
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            NativeMethods.ggml_backend_load_all_from_path(path);
        }

        if (NativeMethods.ggml_backend_dev_count() == 0)
        {
            throw new LlamaLibraryException(
                $"{directory} holds no llama.cpp backend that works on this machine ({RuntimeInformation.RuntimeIdentifier}); " +
                $"files named libggml-cpu-*.so, ggml-cpu-*.dll or the like belong there.{log.TakeErrors()}");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        s_libraries.TryGetValue(name, out nint library) ? library : 0;

    private static LibrarySet Find(string? ownDirectory)
    {
        IReadOnlyList<string> places = ownDirectory is not null ? [Path.GetFullPath(ownDirectory)] : DefaultPlaces();
        foreach (string place in places)
        {
            if (LibrarySet.TryFind(place, out LibrarySet? files))
            {
                return files;
            }
        }

        bool supported = OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();
        string way = (ownDirectory, supported) switch
        {
            (not null, _) =>
                $"Put libllama, libggml and libggml-base of llama.cpp {RequiredVersion} there, or leave the directory out " +
                $"(option {nameof(LlamaModelOptions.LibraryDirectory)}, environment variable {DirectoryVariable}) to use the ones that come with this package.",
            (null, true) =>
                "Build the project that references Qwen3.LlamaCpp again (its build fetches them with npm), or name a directory that holds them in " +
                $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.LibraryDirectory)} or in the environment variable {DirectoryVariable}.",
            _ =>
                "There is no prebuilt llama.cpp for this platform: build it, and name the directory in " +
                $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.LibraryDirectory)} or in the environment variable {DirectoryVariable}.",
        };
        throw new LlamaLibraryException(
            $"The llama.cpp library ({LibrarySet.ExpectedFile}) for {RuntimeInformation.RuntimeIdentifier} was not found. Searched:" +
            $"{string.Concat(places.Select(place => $"\n  {place}{(Directory.Exists(place) ? "" : " (no such directory)")}"))}\n{way}");
    }

    private static List<string> DefaultPlaces()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string native = Path.Combine("runtimes", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native");
        List<string> places = [Path.Combine(AppContext.BaseDirectory, native), AppContext.BaseDirectory];
        // An application that runs straight from the package cache is told its native directories by the host.
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string hostDirectories)
        {
            places.AddRange(hostDirectories.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. places.Select(Path.TrimEndingDirectorySeparator).Distinct()];
    }

    private static bool IsSameDirectory(string left, string right) => string.Equals(
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(left)),
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(right)),
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>The three libraries of one directory. A build's own suffixes (<c>.v0.4.0</c>, <c>.cuda.v0.4.0</c>) are part of their names.</summary>
    private sealed partial record LibrarySet(string Directory, string Base, string Ggml, string Llama)
    {
        public static string ExpectedFile =>
            OperatingSystem.IsWindows() ? "llama.dll" : OperatingSystem.IsMacOS() ? "libllama.dylib" : "libllama.so";

        public IEnumerable<(string Name, string Path)> InLoadOrder =>
            [(NativeMethods.GgmlBase, Base), (NativeMethods.Ggml, Ggml), (NativeMethods.Llama, Llama)];

        public static bool TryFind(string directory, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LibrarySet? files)
        {
            files = null;
            if (!System.IO.Directory.Exists(directory))
            {
                return false;
            }

            var found = new Dictionary<string, string>();
            // Where builds for a graphics card and for processors lie together, the former wins: its name is the longer one.
            foreach (string path in System.IO.Directory.EnumerateFiles(directory).OrderByDescending(path => path.Length).ThenBy(path => path, StringComparer.Ordinal))
            {
                if (FileName().Match(Path.GetFileName(path)) is { Success: true } match)
                {
                    found.TryAdd(match.Groups["name"].Value, path);
                }
            }

            if (found.TryGetValue(NativeMethods.GgmlBase, out string? baseFile) &&
                found.TryGetValue(NativeMethods.Ggml, out string? ggml) &&
                found.TryGetValue(NativeMethods.Llama, out string? llama))
            {
                files = new(directory, baseFile, ggml, llama);
            }

            return files is not null;
        }

        [GeneratedRegex(@"^(lib)?(?<name>llama|ggml-base|ggml)(\.[a-z]+)?(\.v[0-9.]+)?\.(so|dll|dylib)$")]
        private static partial Regex FileName();
    }
}
