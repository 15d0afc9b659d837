using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp;

/// <summary>Describes the llama.cpp library of this process.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class LlamaLibrary
{
    /// <summary>The commit of llama.cpp whose structs the referenced version of LLamaSharp binds.</summary>
    // Source: the release notes of the package LLamaSharp 0.30.0.
    internal const string BoundCommit = "c0c7e147e7efa6c5858754b47259ba4880f8a906";

    internal LlamaLibrary(LibraryCandidate candidate, string threadWaiting, IReadOnlyList<string> skipped)
    {
        Path = candidate.Llama;
        Backend = candidate.Backend;
        Variant = candidate.Variant;
        ThreadWaiting = threadWaiting;
        Skipped = skipped;
    }

    /// <summary>Gets the full path of the main library.</summary>
    public string Path { get; }

    /// <summary>Gets the directory that the library was loaded from.</summary>
    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Gets what the library computes on, or <see langword="null"/> if that is not known, as of a build of the user's own.</summary>
    public LlamaBackend? Backend { get; }

    /// <summary>Gets the instruction set that the library was built for, such as <c>avx2</c>, or <see langword="null"/> if there is one build only.</summary>
    public string? Variant { get; }

    /// <summary>Gets how long the CPU backend's threads spin while they wait for each other: the setting, and where it comes from.</summary>
    public string ThreadWaiting { get; }

    /// <summary>Gets the errors of preferred builds that are installed and could not be loaded, a GPU's without its driver for example.</summary>
    public IReadOnlyList<string> Skipped { get; }

    /// <summary>Loads the library unless it is loaded, as the first model does.</summary>
    /// <param name="directory">As <see cref="LlamaModelOptions.LibraryDirectory"/>.</param>
    /// <param name="backend">As <see cref="LlamaModelOptions.Backend"/>.</param>
    /// <returns>The library that is loaded.</returns>
    /// <exception cref="LlamaLibraryException">The library is missing or unusable, or another one is loaded already.</exception>
    public static LlamaLibrary Load(string? directory = null, LlamaBackend? backend = null) =>
        LibraryLoader.EnsureLoaded(directory, backend);
}
