using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Commands;

/// <summary>The output of <c>show --json</c>.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Path">The file.</param>
/// <param name="SizeInBytes">The size of its files.</param>
/// <param name="Variant">Instruct, Thinking or Hybrid; absent if the file has no chat template.</param>
/// <param name="Quantization">For example Q4_K_M; absent if unknown.</param>
/// <param name="ContextLength">The largest context in tokens.</param>
/// <param name="MemoryPlans">
/// The memory with contexts of several sizes; empty if the llama.cpp library is missing.
/// </param>
/// <param name="Metadata">The metadata of the file without arrays.</param>
internal sealed record ModelReport(
    string Name,
    string Path,
    long SizeInBytes,
    string? Variant,
    string? Quantization,
    int ContextLength,
    IReadOnlyList<ModelReport.Memory> MemoryPlans,
    IReadOnlyDictionary<string, string> Metadata)
{
    private static readonly int[] s_contextSizes = [4_096, 16_384, 32_768, 65_536, 131_072, 262_144];

    public static ModelReport Of(string path)
    {
        var file = ModelFile.Read(path);
        FoundModel model = new ModelFinder().Find(Qwen3Models.Parse(path))!;
        IEnumerable<int> sizes = s_contextSizes.Where(size => size < file.ContextLength).Append(file.ContextLength);
        return new(
            file.Name,
            file.Path,
            model.SizeInBytes,
            model.Variant?.ToString(),
            model.Quantization,
            file.ContextLength,
            Plan(file.Path, sizes),
            file.Metadata);
    }

    private static IReadOnlyList<Memory> Plan(string path, IEnumerable<int> contextSizes)
    {
        try
        {
            return
            [
                .. from size in contextSizes
                   from type in Enum.GetValues<KeyValueCacheType>()
                   select Memory.Of(path, size, type),
            ];
        }
        catch (LlamaLibraryException)
        {
            // The library knows the devices and their memory. The rest of the report does not need it.
            return [];
        }
    }

    /// <param name="ContextSize">Tokens.</param>
    /// <param name="CacheType">The type of the keys and values.</param>
    /// <param name="WeightBytes">The weights.</param>
    /// <param name="ContextBytes">The context.</param>
    /// <param name="TotalBytes">Both.</param>
    /// <param name="GpuBytes">The part of it on GPUs.</param>
    /// <param name="Fits">Whether it fits into the free memory.</param>
    internal sealed record Memory(
        int ContextSize,
        string CacheType,
        long WeightBytes,
        long ContextBytes,
        long TotalBytes,
        long GpuBytes,
        bool Fits)
    {
        public static Memory Of(string path, int contextSize, KeyValueCacheType cacheType)
        {
            var fit = MemoryFit.Of(path, contextSize, cacheType);
            MemoryPlan plan = fit.Plan;
            return new(
                contextSize, cacheType.ToString(), plan.WeightBytes, plan.ContextBytes, plan.TotalBytes,
                plan.GpuWeightBytes + plan.GpuContextBytes, fit.Fits);
        }
    }
}
