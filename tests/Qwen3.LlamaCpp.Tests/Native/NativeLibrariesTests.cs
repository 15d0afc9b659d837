using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp.Tests.Native;

public sealed class NativeLibrariesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_libraries_beside_the_application_are_of_the_pinned_version()
    {
        (string directory, Dictionary<string, nint> libraries) = NativeLibraries.Open(null);
        Assert.Contains(Path.Combine("runtimes", ""), directory);
        Assert.Equal(["ggml", "ggml-base", "llama"], libraries.Keys.Order());
    }

    [Fact]
    public void A_missing_library_is_named_with_the_places_searched_and_the_way_out()
    {
        string missing = Path.Combine(_folder, "none");
        foreach (string directory in (string[])[_folder, missing])
        {
            string message = Assert.Throws<LlamaLibraryException>(() => NativeLibraries.Open(directory)).Message;
            Assert.Contains(OperatingSystem.IsWindows() ? "llama.dll" : "libllama.", message);
            Assert.Contains(directory, message);
            Assert.Equal(directory == missing, message.Contains("no such directory"));
            Assert.Contains("LibraryDirectory", message);
            Assert.Contains("QWEN3_LLAMA_DIRECTORY", message);
        }
    }

    [Fact]
    public void A_library_of_another_version_is_refused_with_both_versions()
    {
        (string directory, _) = NativeLibraries.Open(null);
        // A library of the same release that says nothing of its version stands in for one that is too old to.
        string source = Directory.EnumerateFiles(directory, "*ggml-base*").First();
        string llama = Name("llama");
        foreach (string name in (string[])[llama, Name("ggml"), Name("ggml-base")])
        {
            File.Copy(source, Path.Combine(_folder, name));
        }

        string message = Assert.Throws<LlamaLibraryException>(() => NativeLibraries.Open(_folder)).Message;
        Assert.Contains(Path.Combine(_folder, llama), message);
        Assert.Contains("0.4.0-dev", message);
    }

    [Fact]
    public void A_file_that_is_no_library_is_named_with_the_systems_error()
    {
        foreach (string name in (string[])["llama", "ggml", "ggml-base"])
        {
            File.WriteAllText(Path.Combine(_folder, Name(name)), "not a library");
        }

        var exception = Assert.Throws<LlamaLibraryException>(() => NativeLibraries.Open(_folder));
        Assert.Contains(Path.Combine(_folder, Name("ggml-base")), exception.Message);
        Assert.Contains(exception.InnerException!.Message.Trim(), exception.Message);
    }

    [Fact]
    public void A_second_directory_is_refused_once_the_libraries_are_loaded()
    {
        NativeLibraries.EnsureLoaded(null);
        string message = Assert.Throws<LlamaLibraryException>(() => LlamaModel.Load(NanoModels.Instruct, new() { LibraryDirectory = _folder })).Message;
        Assert.Contains(_folder, message);
        Assert.Contains("already loaded", message);
    }

    private static string Name(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
}
