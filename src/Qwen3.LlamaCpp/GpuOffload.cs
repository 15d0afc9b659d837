using System.Globalization;

namespace Qwen3.LlamaCpp;

/// <summary>Which GPUs take a model's layers, how many, and in which proportions.</summary>
/// <param name="Gpus">The GPUs; none if the model stays on the CPU.</param>
/// <param name="Split">A proportion for each GPU; <see langword="null"/> for by free memory.</param>
internal sealed record GpuOffload(IReadOnlyList<LlamaDevice> Gpus, IReadOnlyList<float>? Split)
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
            throw new ArgumentException($"A model can be on {MaxDevices} GPUs at most. Name fewer in {nameof(LlamaModelOptions.Devices)}. {Describe(all)}", nameof(LlamaModelOptions.Devices));
        }

        if (options.TensorSplit is { } split)
        {
            Check(split, gpus, all);
        }

        return new(gpus, options.TensorSplit);
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
                ?? throw new ArgumentException($"{nameof(LlamaModelOptions.Devices)} names '{name}', and there is no such device. {Describe(all)}", nameof(LlamaModelOptions.Devices));
            if (found.Contains(device))
            {
                throw new ArgumentException($"{nameof(LlamaModelOptions.Devices)} names '{name}' twice. Name each device once. {Describe(all)}", nameof(LlamaModelOptions.Devices));
            }

            found.Add(device);
        }

        return found;
    }

    private static void Check(IReadOnlyList<float> split, LlamaDevice[] gpus, IReadOnlyList<LlamaDevice> all)
    {
        if (split.Count != gpus.Length)
        {
            throw new ArgumentException(
                $"{nameof(LlamaModelOptions.TensorSplit)} has {split.Count} proportions for {gpus.Length} GPUs ({string.Join(", ", gpus.Select(gpu => gpu.Name))}). " +
                $"Give one for each. {Describe(all)}",
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

    private static string Describe(IReadOnlyList<LlamaDevice> all) =>
        $"There are: {string.Join(", ", all.Select(device => $"{device.Name} ({device.Description})"))}.";
}
