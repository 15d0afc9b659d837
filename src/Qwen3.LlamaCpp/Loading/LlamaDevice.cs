using System.Runtime.InteropServices;
using LLama.Native;
using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp;

/// <summary>Something that llama.cpp computes on, as it was when it was asked for.</summary>
public sealed class LlamaDevice
{
    internal LlamaDevice()
    {
    }

    /// <summary>Gets the name by which <see cref="LlamaModelOptions.Devices"/> chooses it, such as <c>CUDA0</c> or <c>Vulkan1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets what its driver calls it.</summary>
    public required string Description { get; init; }

    /// <summary>Gets what it is.</summary>
    public required LlamaDeviceKind Kind { get; init; }

    /// <summary>Gets the size of its memory in bytes; 0 if its driver does not tell.</summary>
    public required long TotalMemory { get; init; }

    /// <summary>
    /// Gets how much of its memory was free, in bytes: of the processor's what a new program could take, or what its container lets it take. Some graphics
    /// drivers tell the whole.
    /// </summary>
    public required long FreeMemory { get; init; }

    internal nint Handle { get; init; }

    internal bool IsGpu => Kind is LlamaDeviceKind.Gpu or LlamaDeviceKind.IntegratedGpu;

    /// <summary>Lists what llama.cpp can compute on here: the processor, and the graphics cards that its libraries find.</summary>
    /// <param name="libraryDirectory">As <see cref="LlamaModelOptions.LibraryDirectory"/>; it loads the libraries unless they are loaded.</param>
    /// <returns>The devices. Safe for concurrent use.</returns>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries are missing or do not fit.</exception>
    public static IReadOnlyList<LlamaDevice> GetAll(string? libraryDirectory = null)
    {
        LibraryLoader.EnsureLoaded(libraryDirectory);
        return [.. Enumerable.Range(0, (int)NativeApi.ggml_backend_dev_count()).Select(index => Read(NativeApi.ggml_backend_dev_get((nuint)index)))];
    }

    /// <summary>The same device as it is now.</summary>
    internal LlamaDevice Refresh() => Read(Handle);

    private static unsafe LlamaDevice Read(nint device)
    {
        nuint free, total;
        NativeMethods.ggml_backend_dev_memory(device, &free, &total);
        LlamaDeviceKind kind = NativeMethods.ggml_backend_dev_type(device) switch
        {
            0 => LlamaDeviceKind.Cpu,
            1 => LlamaDeviceKind.Gpu,
            2 => LlamaDeviceKind.IntegratedGpu,
            _ => LlamaDeviceKind.Accelerator,
        };
        return new()
        {
            Name = Marshal.PtrToStringUTF8(NativeApi.ggml_backend_dev_name(device)) ?? "",
            Description = NativeMethods.ToText(NativeMethods.ggml_backend_dev_description(device)),
            Kind = kind,
            TotalMemory = (long)total,
            // Of RAM llama.cpp tells the whole.
            FreeMemory = kind == LlamaDeviceKind.Cpu ? LlamaCpp.FreeMemory.RamNow : (long)free,
            Handle = device,
        };
    }
}
