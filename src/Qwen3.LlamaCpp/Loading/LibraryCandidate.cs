using System.Runtime.Intrinsics.X86;
using LLama.Abstractions;
using LLama.Native;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>A build of llama.cpp that may fit this machine.</summary>
/// <param name="Llama">The full path of its main library.</param>
/// <param name="Cpu">The full path of its CPU library, where that is in another directory; otherwise <see langword="null"/>.</param>
/// <param name="Backend">What it computes on, or <see langword="null"/> if that is not known.</param>
/// <param name="Variant">The instruction set that it was made for, such as <c>avx2</c>, or <see langword="null"/>.</param>
internal sealed record LibraryCandidate(string Llama, string? Cpu, LlamaBackend? Backend, string? Variant)
{
    private static readonly string[] s_variants = ["avx512", "avx2", "avx", "noavx"];

    /// <summary>Gets the directory of the main library.</summary>
    public string Directory => Path.GetDirectoryName(Llama)!;

    /// <summary>Returns the file name of a library on this platform.</summary>
    public static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    /// <summary>Returns the name of a library from its path.</summary>
    public static string NameOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return OperatingSystem.IsWindows() || !name.StartsWith("lib", StringComparison.Ordinal) ? name : name[3..];
    }

    /// <summary>Returns the candidate in a directory of the user's own.</summary>
    public static LibraryCandidate InDirectory(string directory) =>
        new(Path.Combine(directory, FileName(NativeMethods.Llama)), Cpu: null, BackendOf(directory), VariantOf(directory));

    /// <summary>Returns the candidates in the order in which LLamaSharp's selection prefers them.</summary>
    public static IEnumerable<LibraryCandidate> Select(LlamaBackend? backend)
    {
        var system = SystemInfo.Get();
        var description = new NativeLibraryConfig.Description(
            Path: null,
            NativeLibraryName.LLama,
            UseCuda: backend is null or LlamaBackend.Cuda,
            UseVulkan: backend is null or LlamaBackend.Vulkan,
            HighestAvxLevel(),
            AllowFallback: true,
            SkipCheck: false,
            SearchDirectories: []);
        return new DefaultNativeLibrarySelectingPolicy()
            .Apply(description, system, logCallback: null)
            .SelectMany(library => From(library, system))
            .Where(candidate => backend is null || candidate.Backend == backend)
            .DistinctBy(candidate => candidate.Llama);
    }

    /// <summary>Returns the places in which a build of LLamaSharp's selection can be.</summary>
    public static IEnumerable<LibraryCandidate> From(INativeLibrary library, SystemInfo system) =>
        from path in library.Prepare(system)
        from root in SearchDirectories()
        let variant = VariantOf(library.Metadata?.AvxLevel)
        let llama = Path.GetFullPath(Path.Combine(root, path))
        let parent = Path.GetDirectoryName(Path.GetDirectoryName(llama))!
        let isGpu = library.Metadata is { UseCuda: true } or { UseVulkan: true }
        select new LibraryCandidate(
            llama,
            isGpu ? Path.Combine(parent, variant, FileName("ggml-cpu")) : null,
            library.Metadata is null ? null
                : library.Metadata.UseCuda ? LlamaBackend.Cuda
                : library.Metadata.UseVulkan ? LlamaBackend.Vulkan
                : LlamaBackend.Cpu,
            VariantOf(Path.GetDirectoryName(llama)!) ?? (isGpu ? variant : null));

    /// <summary>Returns the files to load, each after the ones that it needs.</summary>
    public IEnumerable<string> FilesInLoadOrder()
    {
        string[] needed =
        [
            Path.Combine(Directory, FileName(NativeMethods.GgmlBase)),
            Cpu ?? Path.Combine(Directory, FileName("ggml-cpu")),
            Path.Combine(Directory, FileName("ggml-blas")),
            Path.Combine(Directory, FileName("ggml-metal")),
            Path.Combine(Directory, FileName("ggml-cuda")),
            Path.Combine(Directory, FileName("ggml-vulkan")),
            Path.Combine(Directory, FileName(NativeMethods.Ggml)),
            Llama,
        ];
        // Only the three are in every build.
        return needed.Where(path =>
            path == Llama || NameOf(path) is NativeMethods.GgmlBase or NativeMethods.Ggml || File.Exists(path));
    }

    private static IEnumerable<string> SearchDirectories()
    {
        yield return AppContext.BaseDirectory;
        // An application that runs straight from the package cache is told its native directories by the host.
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string directories)
        {
            foreach (string directory in directories.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Path.GetFullPath(directory).Equals(Path.GetFullPath(AppContext.BaseDirectory), StringComparison.Ordinal))
                {
                    yield return directory;
                }
            }
        }
    }

    private static AvxLevel HighestAvxLevel() =>
        // LLamaSharp knows the level that this processor has; its configuration does not show it.
        Avx512F.IsSupported && Avx512BW.IsSupported &&
        Avx512Vbmi.IsSupported && HasAvx512Vnni() ? AvxLevel.Avx512
        : Avx2.IsSupported || HasAvx2WithNativeAot() ? AvxLevel.Avx2
        : Avx.IsSupported ? AvxLevel.Avx
        : AvxLevel.None;

    // Native AOT compiles for a baseline, for which IsSupported is false. Bits: AVX, saved by the system, and AVX2.
    private static bool HasAvx2WithNativeAot() =>
        !System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled && X86Base.IsSupported &&
        (X86Base.CpuId(1, 0).Ecx & 0x1800_0000) == 0x1800_0000 && (X86Base.CpuId(7, 0).Ebx & 0x20) != 0;

    // The same bit that LLamaSharp asks for: its AVX-512 build needs the instruction set of that generation.
    private static bool HasAvx512Vnni() => (X86Base.CpuId(7, 0).Ecx & 0x800) != 0;

    private static string VariantOf(AvxLevel? level) => level switch
    {
        AvxLevel.Avx512 => "avx512",
        AvxLevel.Avx2 => "avx2",
        AvxLevel.Avx => "avx",
        _ => "noavx",
    };

    private static string? VariantOf(string directory) =>
        Array.Find(s_variants, variant => string.Equals(Path.GetFileName(directory), variant, StringComparison.OrdinalIgnoreCase));

    private static LlamaBackend? BackendOf(string directory) =>
        File.Exists(Path.Combine(directory, FileName("ggml-cuda"))) ? LlamaBackend.Cuda
        : File.Exists(Path.Combine(directory, FileName("ggml-vulkan"))) ? LlamaBackend.Vulkan
        : File.Exists(Path.Combine(directory, FileName("ggml-cpu"))) ? LlamaBackend.Cpu
        : null;
}
