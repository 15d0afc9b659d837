using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using LLama.Exceptions;
using LLama.Native;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>Loads llama.cpp through LLamaSharp, once for the process, and finds out why it cannot be loaded.</summary>
/// <remarks>
/// LLamaSharp's selection decides which build fits this machine. Each file is opened here first, because LLamaSharp does not
/// report the system's error, and a failure inside its type initializer could not be tried again.
/// </remarks>
internal static class LibraryLoader
{
    /// <summary>The environment variable that names a directory with llama.cpp libraries of the user's own.</summary>
    public const string DirectoryVariable = "QWEN3_LLAMA_DIRECTORY";

    /// <summary>The environment variable that forces a backend: <c>cpu</c>, <c>cuda</c> or <c>vulkan</c>.</summary>
    public const string BackendVariable = "QWEN3_LLAMA_BACKEND";

    private const string Options = nameof(LlamaModelOptions);

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, nint> s_libraries = [];
    private static LlamaLibrary? s_loaded;
    private static bool s_isResolverSet;

    /// <summary>Loads the libraries unless they are loaded already.</summary>
    /// <param name="directory">A directory that takes precedence over every other place, or <see langword="null"/>.</param>
    /// <param name="backend">The only backend to accept, or <see langword="null"/>.</param>
    /// <exception cref="LlamaLibraryException">
    /// The libraries are missing or unusable, or others than the requested ones are loaded already.
    /// </exception>
    public static LlamaLibrary EnsureLoaded(string? directory = null, LlamaBackend? backend = null)
    {
        lock (s_lock)
        {
            LlamaLibrary loaded = s_loaded ??= Load(directory, backend);
            if (directory is not null && !IsSameDirectory(directory, loaded.Directory))
            {
                throw new LlamaLibraryException(
                    $"llama.cpp was already loaded from {loaded.Directory}, and a process loads it once: it cannot be loaded from {directory} " +
                    $"too. Give the same {Options}.{nameof(LlamaModelOptions.LibraryDirectory)} to every model.");
            }

            if (backend is { } wanted && loaded.Backend is { } actual && wanted != actual)
            {
                throw new LlamaLibraryException(
                    $"llama.cpp was already loaded for {actual} from {loaded.Directory}, and a process loads it once: {wanted} cannot be used " +
                    $"too. Give the same {Options}.{nameof(LlamaModelOptions.Backend)} to every model.");
            }

            return loaded;
        }
    }

    /// <summary>Opens the libraries of the first build that this machine can load, without initializing them.</summary>
    /// <param name="ownDirectory">The only place to search, or <see langword="null"/> for LLamaSharp's selection.</param>
    /// <param name="backend">The only backend to accept, or <see langword="null"/>.</param>
    /// <exception cref="LlamaLibraryException">No build can be loaded.</exception>
    internal static OpenedLibrary Open(string? ownDirectory, LlamaBackend? backend)
    {
        var failures = new List<(string Path, string Error, Exception? Cause)>();
        foreach (LibraryCandidate candidate in ownDirectory is not null
            ? [LibraryCandidate.InDirectory(Path.GetFullPath(ownDirectory))]
            : LibraryCandidate.Select(backend))
        {
            if (!File.Exists(candidate.Llama))
            {
                failures.Add((candidate.Llama, "not found", null));
                continue;
            }

            var libraries = new Dictionary<string, nint>();
            try
            {
                OpenFiles(candidate, libraries);
                CheckLayout(candidate, libraries[NativeMethods.Llama]);
                return new(candidate, libraries, failures);
            }
            catch (LlamaLibraryException e)
            {
                foreach (nint library in libraries.Values.Reverse())
                {
                    // A library that stays loaded would be found by the next candidate's in the place of its own.
                    NativeLibrary.Free(library);
                }

                failures.Add((candidate.Llama, e.Message, e.InnerException));
            }
        }

        throw LibraryDiagnosis.NotLoadable(ownDirectory, backend, failures);
    }

    private static LlamaLibrary Load(string? directory, LlamaBackend? backend)
    {
        bool isApplications = NativeLibraryConfig.LLama.LibraryHasLoaded;
        string waiting = isApplications ? "set by the application, which loaded llama.cpp first" : ThreadWaiting.Apply();
        OpenedLibrary? opened = isApplications
            ? null
            : Open(directory ?? FromEnvironment(DirectoryVariable), backend ?? BackendFromEnvironment());
        try
        {
            if (opened is not null)
            {
                string multimodal = Path.Combine(opened.Candidate.Directory, LibraryCandidate.FileName("mtmd"));
                NativeLibraryConfig.All.WithLibrary(opened.Candidate.Llama, File.Exists(multimodal) ? multimodal : null);
            }
        }
        catch (InvalidOperationException)
        {
            // The application loaded it in between: that one is used.
            (isApplications, opened) = (true, null);
        }

        try
        {
            NativeApi.llama_empty_call();
        }
        catch (Exception e) when (e is TypeInitializationException or RuntimeError or DllNotFoundException)
        {
            throw new LlamaLibraryException(
                $"LLamaSharp could not initialize llama.cpp: {e.GetBaseException().Message} If the application configures LLamaSharp's " +
                $"{nameof(NativeLibraryConfig)}, correct that; it takes precedence over {Options}.",
                e);
        }

        opened ??= FindLoaded();
        foreach ((string name, nint library) in opened.Libraries)
        {
            s_libraries[name] = library;
        }

        if (!s_isResolverSet)
        {
            NativeLibrary.SetDllImportResolver(typeof(LibraryLoader).Assembly, Resolve);
            s_isResolverSet = true;
        }

        NativeLog.Install(isForwarding: isApplications);
        LoadBackends(opened.Candidate.Directory);
        return new(opened.Candidate, waiting, opened.Skipped());
    }

    private static void OpenFiles(LibraryCandidate candidate, Dictionary<string, nint> libraries)
    {
        // Each library needs the ones before it, and finds them by being loaded already.
        foreach (string path in candidate.FilesInLoadOrder())
        {
            try
            {
                libraries[LibraryCandidate.NameOf(path)] = NativeLibrary.Load(path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new LlamaLibraryException(LibraryDiagnosis.Explain(path, e), e);
            }
        }
    }

    /// <summary>
    /// Compares the defaults that the library returns with those of the release whose structs LLamaSharp binds: a library of
    /// another release would be called with structs of another layout, which ends the process.
    /// </summary>
    private static unsafe void CheckLayout(LibraryCandidate candidate, nint llama)
    {
        var context = (delegate* unmanaged[Cdecl]<Returned>)NativeLibrary.GetExport(llama, "llama_context_default_params");
        var model = (delegate* unmanaged[Cdecl]<Returned>)NativeLibrary.GetExport(llama, "llama_model_default_params");
        Returned returned = context();
        LLamaContextParams contextDefaults = *(LLamaContextParams*)&returned;
        returned = model();
        var modelDefaults = (ModelDefaults*)&returned;
        bool fits = contextDefaults is { n_ctx: 512, n_batch: 2048, n_ubatch: 512, n_seq_max: 1, n_threads: > 0, type_k: GGMLType.GGML_TYPE_F16 } &&
            contextDefaults is { type_v: GGMLType.GGML_TYPE_F16, yarn_ext_factor: -1, defrag_threshold: -1, n_samplers: 0, ctx_other: 0 } &&
            contextDefaults is { abort_callback: 0, offload_kqv: true, no_perf: true } &&
            *modelDefaults is { Devices: 0, BufferOverrides: 0, SplitMode: 1, MainGpu: 0, TensorSplit: 0, ProgressCallback: 0, KvOverrides: 0 };
        if (!fits)
        {
            throw new LlamaLibraryException(
                $"{candidate.Llama} is of another release of llama.cpp than the one that this version of LLamaSharp binds (commit " +
                $"{LlamaLibrary.BoundCommit}): its structs have another layout. Use a build of that commit.");
        }
    }

    private static unsafe void LoadBackends(string directory)
    {
        using NativeLog.Scope log = NativeLog.Capture(null);
        if (NativeApi.ggml_backend_dev_count() == 0)
        {
            // A build of the user's own may have its backends in files of their own.
            fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
            {
                NativeMethods.ggml_backend_load_all_from_path(path);
            }
        }

        if (NativeApi.ggml_backend_dev_count() == 0)
        {
            throw new LlamaLibraryException(
                $"{directory} has no llama.cpp backend that works on this machine ({RuntimeInformation.RuntimeIdentifier}).{log.TakeErrors()}");
        }
    }

    /// <summary>Finds the files of the library that the application, or LLamaSharp on its behalf, has loaded.</summary>
    private static OpenedLibrary FindLoaded()
    {
        using var process = Process.GetCurrentProcess();
        string[] modules = [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName)];
        string? llama = modules.FirstOrDefault(path => Path.GetFileName(path) == LibraryCandidate.FileName(NativeMethods.Llama));
        if (llama is null && NativeApi.GetLoadedNativeLibrary(NativeLibraryName.LLama) is { } loaded)
        {
            // Not every system lists the modules of a process.
            llama = LibraryCandidate.From(loaded, SystemInfo.Get()).Select(candidate => candidate.Llama).FirstOrDefault(File.Exists);
        }

        if (llama is null)
        {
            throw new LlamaLibraryException(
                "The application loaded llama.cpp through LLamaSharp, but the file that it was loaded from could not be determined. Load the " +
                $"first model of this library before LLamaSharp is used, or name the directory in {Options}.{nameof(LlamaModelOptions.LibraryDirectory)}.");
        }

        var candidate = LibraryCandidate.InDirectory(Path.GetDirectoryName(llama)!);
        var libraries = new Dictionary<string, nint>();
        OpenFiles(candidate with { Cpu = null }, libraries);
        return new(candidate, libraries, []);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        s_libraries.TryGetValue(name, out nint library) ? library : 0;

    private static string? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static LlamaBackend? BackendFromEnvironment()
    {
        string? value = FromEnvironment(BackendVariable);
        return value is null ? null
            : Enum.TryParse(value, ignoreCase: true, out LlamaBackend backend) && Enum.IsDefined(backend) ? backend
            : throw new LlamaLibraryException($"The environment variable {BackendVariable} is '{value}'. Set it to cpu, cuda or vulkan.");
    }

    private static bool IsSameDirectory(string first, string second) => string.Equals(
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(first)),
        Path.TrimEndingDirectorySeparator(second),
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>The first members of <c>llama_model_params</c>, whose managed form holds a delegate and cannot be read in place.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ModelDefaults
    {
        public nint Devices;
        public nint BufferOverrides;
        public int GpuLayers;
        public int SplitMode;
        public int LoadMode;
        public int MainGpu;
        public nint TensorSplit;
        public nint ProgressCallback;
        public nint ProgressCallbackData;
        public nint KvOverrides;
    }

    /// <summary>Room for a struct that a function returns, larger than that of any release.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 1024)]
    private struct Returned;
}

/// <summary>The opened libraries of one build, by their names.</summary>
/// <param name="Candidate">The build.</param>
/// <param name="Libraries">The handles.</param>
/// <param name="Failures">The builds that were tried before it.</param>
internal sealed record OpenedLibrary(
    LibraryCandidate Candidate, Dictionary<string, nint> Libraries, List<(string Path, string Error, Exception? Cause)> Failures)
{
    /// <summary>Returns the errors of builds that are installed, come first in the selection and could not be loaded.</summary>
    public IReadOnlyList<string> Skipped() => [.. Failures.Where(failure => File.Exists(failure.Path)).Select(failure => failure.Error)];
}
