using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Models;

/// <summary>Tells whether a model and its context fit into the free memory.</summary>
internal sealed record MemoryFit(MemoryPlan Plan, long FreeRam, long FreeGpu)
{
    /// <summary>A context for a conversation of moderate length.</summary>
    public const int UsualContext = 4096;

    public bool Fits =>
        Plan.TotalBytes - Plan.GpuWeightBytes - Plan.GpuContextBytes <= FreeRam
            && Plan.GpuWeightBytes + Plan.GpuContextBytes <= FreeGpu;

    /// <exception cref="ModelFileException">The file is not a model.</exception>
    /// <exception cref="LlamaLibraryException">
    /// The llama.cpp library is missing or unusable.
    /// </exception>
    public static MemoryFit Of(string path, int contextSize, KeyValueCacheType cacheType = KeyValueCacheType.F16)
    {
        var plan = MemoryPlan.ForFile(
            path, new() { ContextSize = contextSize, KeyValueCacheType = cacheType, MaxParallelRequests = 1 });
        IReadOnlyList<LlamaDevice> devices = LlamaDevice.GetAll();
        return new(plan, Free(devices, LlamaDeviceKind.Cpu),
            Free(devices, LlamaDeviceKind.Gpu, LlamaDeviceKind.IntegratedGpu));
    }

    private static long Free(IReadOnlyList<LlamaDevice> devices, params LlamaDeviceKind[] kinds) =>
        devices.Where(device => kinds.Contains(device.Kind)).Sum(device => device.FreeMemory);
}
