using System.Globalization;

namespace Qwen3.LlamaCpp;

/// <summary>Which GPUs take a model's layers, how many, and in which proportions.</summary>
/// <param name="Gpus">The GPUs; none if the model stays on the CPU.</param>
/// <param name="Layers">How many layers, the output being one; <see langword="null"/> for all.</param>
/// <param name="Split">A proportion for each GPU; <see langword="null"/> for by free memory.</param>
internal sealed record GpuOffload(IReadOnlyList<LlamaDevice> Gpus, int? Layers, IReadOnlyList<float>? Split)
{
    // llama_max_devices(): it reads no more proportions.
    public const int MaxDevices = 16;

    /// <exception cref="ArgumentException">An option names a device that there is not, or does not fit those that there are.</exception>
    public static GpuOffload Choose(LlamaModelOptions options, IReadOnlyList<LlamaDevice> all)
    {
        if (options.GpuLayers < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options.GpuLayers), options.GpuLayers, $"{nameof(LlamaModelOptions.GpuLayers)} must be 0 or more; leave it null for all layers.");
        }

        LlamaDevice[] gpus = options.Devices is { } names ? [.. Find(names, all).Where(device => device.IsGpu)] : Default(all);
        if (gpus.Length > MaxDevices)
        {
            throw WrongDevices($"gives a model {gpus.Length} GPUs, and {MaxDevices} is the most. Name fewer.", all);
        }

        if (options.TensorSplit is { } split)
        {
            Check(split, gpus);
        }

        return new(gpus, options.GpuLayers, options.TensorSplit?.ToArray());
    }

    /// <summary>How many of a model's layers are on GPUs, the output being one more than the model has.</summary>
    public int LayersOf(int layerCount) => Gpus.Count == 0 ? 0 : Math.Min(Layers ?? int.MaxValue, layerCount + 1);

    /// <summary>How many bytes can be shared out to the GPUs now.</summary>
    public long FreeBytes() => FreeBytes([.. Gpus.Select(gpu => gpu.Refresh())], Split);

    /// <summary>How many bytes can be shared out: the GPU that is full first limits the others.</summary>
    internal static long FreeBytes(IReadOnlyList<LlamaDevice> gpus, IReadOnlyList<float>? split)
    {
        if (gpus.Any(gpu => gpu.TotalMemory == 0))
        {
            // The driver does not tell.
            return long.MaxValue;
        }

        return split is null
            ? gpus.Sum(gpu => gpu.FreeMemory)
            : (long)gpus.Zip(split).Where(pair => pair.Second > 0).Min(pair => (double)pair.First.FreeMemory * split.Sum() / pair.Second);
    }

    /// <summary>As llama.cpp chooses: integrated ones only where there is no other.</summary>
    private static LlamaDevice[] Default(IReadOnlyList<LlamaDevice> all)
    {
        LlamaDevice[] cards = [.. all.Where(device => device.Kind == LlamaDeviceKind.Gpu)];
        return cards.Length > 0 ? cards : [.. all.Where(device => device.IsGpu)];
    }

    private static List<LlamaDevice> Find(IReadOnlyList<string> names, IReadOnlyList<LlamaDevice> all)
    {
        var found = new List<LlamaDevice>();
        foreach (string name in names)
        {
            LlamaDevice device = all.FirstOrDefault(device => string.Equals(device.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw WrongDevices($"names '{name}', and there is no such device.", all);
            if (found.Contains(device))
            {
                throw WrongDevices($"names '{name}' twice. Name each device once.", all);
            }

            found.Add(device);
        }

        return found;
    }

    private static void Check(IReadOnlyList<float> split, LlamaDevice[] gpus)
    {
        if (split.Count != gpus.Length)
        {
            throw new ArgumentException(
                $"{nameof(LlamaModelOptions.TensorSplit)} has {split.Count} proportions for {gpus.Length} GPUs " +
                $"({string.Join(", ", gpus.Select(gpu => gpu.Name))}). Give one for each.",
                nameof(LlamaModelOptions.TensorSplit));
        }

        float sum = split.Sum();
        if (split.Any(proportion => !(proportion >= 0)) || !(sum > 0 && float.IsFinite(sum)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(LlamaModelOptions.TensorSplit),
                string.Join(", ", split.Select(proportion => proportion.ToString(CultureInfo.InvariantCulture))),
                $"The proportions of {nameof(LlamaModelOptions.TensorSplit)} must be finite numbers of 0 or more, and not all 0.");
        }
    }

    private static ArgumentException WrongDevices(string finding, IReadOnlyList<LlamaDevice> all) => new(
        $"{nameof(LlamaModelOptions.Devices)} {finding} There are: {string.Join(", ", all.Select(device => $"{device.Name} ({device.Description})"))}.",
        nameof(LlamaModelOptions.Devices));
}
