using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp;

/// <summary>The llama.cpp library of this process.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class LlamaLibrary
{
    private LlamaLibrary(string directory) => Directory = directory;

    /// <summary>Gets the directory that it was loaded from.</summary>
    public string Directory { get; }

    /// <summary>Gets its version, the one that these bindings are made for.</summary>
    public string Version { get; } = NativeLibraries.RequiredVersion;

    /// <summary>Loads the library unless it is loaded, as the first model would.</summary>
    /// <param name="directory">As <see cref="LlamaModelOptions.LibraryDirectory"/>.</param>
    /// <returns>The library that is loaded.</returns>
    /// <exception cref="LlamaLibraryException">It is missing or does not fit, or was loaded from another directory.</exception>
    public static LlamaLibrary Load(string? directory = null) => new(NativeLibraries.EnsureLoaded(directory));
}
