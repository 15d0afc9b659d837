using System.Runtime.InteropServices;
using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp.Tests.Loading;

public sealed class LibraryLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_library_of_the_backend_package_is_loaded_in_the_variant_of_this_processor()
    {
        var library = LlamaLibrary.Load();
        Assert.True(File.Exists(library.Path));
        Assert.Contains(Path.Combine("runtimes", ""), library.Path);
        Assert.Equal(LlamaBackend.Cpu, library.Backend);
        Assert.Empty(library.Skipped);
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            string flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal));
            string expected = flags.Contains(" avx512_vnni") && flags.Contains(" avx512vbmi") ? "avx512" : flags.Contains(" avx2") ? "avx2" : "noavx";
            Assert.Equal(expected, library.Variant);
        }
    }

    [Fact]
    public void Waiting_threads_spin_only_briefly()
    {
        // libgomp reads the C environment, which is not .NET's.
        string waiting = LlamaLibrary.Load().ThreadWaiting;
        if (OperatingSystem.IsLinux())
        {
            string? user = Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") ?? Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");
            Assert.Contains(user ?? ThreadWaiting.SpinCount.ToString(), waiting);
            Assert.Equal(user ?? ThreadWaiting.SpinCount.ToString(), Marshal.PtrToStringUTF8(GetEnv("GOMP_SPINCOUNT")) ?? user);
        }
    }

    [Fact]
    public void A_missing_library_is_named_with_the_places_tried_and_the_remedy()
    {
        string missing = Path.Combine(_folder, "none");
        foreach (string directory in (string[])[_folder, missing])
        {
            string message = Assert.Throws<LlamaLibraryException>(() => LibraryLoader.Open(directory, backend: null)).Message;
            Assert.Contains(Path.Combine(directory, LibraryCandidate.FileName("llama")), message);
            Assert.Equal(directory == missing, message.Contains("no such directory"));
            Assert.Contains("LibraryDirectory", message);
            Assert.Contains("QWEN3_LLAMA_DIRECTORY", message);
        }
    }

    [Theory]
    [InlineData(LlamaBackend.Cuda, "LLamaSharp.Backend.Cuda12")]
    [InlineData(LlamaBackend.Vulkan, "LLamaSharp.Backend.Vulkan")]
    public void A_backend_that_is_not_installed_is_refused_with_its_package(LlamaBackend backend, string package)
    {
        string message = Assert.Throws<LlamaLibraryException>(() => LibraryLoader.Open(ownDirectory: null, backend)).Message;
        Assert.Contains($"llama.cpp for {backend}", message);
        Assert.Contains($"dotnet add package {package}", message);
    }

    [Fact]
    public void A_backend_of_another_kind_is_refused_once_one_is_loaded()
    {
        LlamaLibrary.Load();
        string message = Assert.Throws<LlamaLibraryException>(() => LlamaLibrary.Load(backend: LlamaBackend.Cuda)).Message;
        Assert.Contains("already loaded for Cpu", message);
    }

    [Fact]
    public void A_file_that_is_no_library_is_named_with_the_systems_error()
    {
        foreach (string name in (string[])["llama", "ggml", "ggml-base"])
        {
            File.WriteAllText(Path.Combine(_folder, LibraryCandidate.FileName(name)), "not a library");
        }

        var exception = Assert.Throws<LlamaLibraryException>(() => LibraryLoader.Open(_folder, backend: null));
        Assert.Contains(Path.Combine(_folder, LibraryCandidate.FileName("ggml-base")), exception.Message);
        Assert.Contains(exception.GetBaseException().Message.Trim(), exception.Message);
    }

    [Theory]
    [InlineData("libgomp.so.1: cannot open shared object file: No such file or directory", "apt-get install libgomp1")]
    [InlineData("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found", "glibc")]
    [InlineData("Error loading shared library ld-linux-x86-64.so.2: No such file or directory", "musl")]
    [InlineData("libcudart.so.12 libcublas.so.12: cannot open shared object file", "CUDA 12")]
    [InlineData("libvulkan.so.1: cannot open shared object file", "libvulkan1")]
    public void A_missing_dependency_is_explained_with_the_remedy(string error, string remedy)
    {
        string message = LibraryDiagnosis.Explain("/app/libllama.so", new DllNotFoundException(error));
        Assert.Contains(error, message);
        Assert.Contains(remedy, message);
    }

    [Fact]
    public void A_second_directory_is_refused_once_the_libraries_are_loaded()
    {
        LlamaLibrary.Load();
        string message = Assert.Throws<LlamaLibraryException>(
            () => LlamaModel.Load(NanoModels.Instruct, new() { LibraryDirectory = _folder })).Message;
        Assert.Contains(_folder, message);
        Assert.Contains("already loaded", message);
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetEnv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
