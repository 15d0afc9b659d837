using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Examines the machine: its processor, the llama.cpp library, devices and memory.</summary>
internal static class MachineFindings
{
    // The smallest file of the catalogue, about 2.5 GB, and a context.
    private const long ModestMemory = 3L << 30;

    public static IEnumerable<Finding> All()
    {
        yield return new(
            FindingLevel.Ok, "system",
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, " +
            $"{RuntimeInformation.FrameworkDescription}");
        yield return Processor();
        Finding? failure = Library(out LlamaLibrary? library);
        if (failure is not null)
        {
            yield return failure;
            yield break;
        }

        string backend = library!.Backend is { } known ? $"{known} backend" : "a build of your own";
        string variant = library.Variant is { } name ? $", built for {name}" : "";
        yield return new(FindingLevel.Ok, "llama.cpp", $"{backend}{variant}, {library.Path}");
        foreach (string skipped in library.Skipped)
        {
            yield return new(
                FindingLevel.Warning,
                "llama.cpp",
                skipped,
                "Install what the message names, or remove the package of that backend.");
        }

        yield return Threads();
        yield return new(FindingLevel.Ok, "waiting", $"threads that wait for each other: {library.ThreadWaiting}");
        IReadOnlyList<LlamaDevice> devices = LlamaDevice.GetAll();
        yield return Gpus(devices);
        yield return Memory(devices.First(device => device.Kind == LlamaDeviceKind.Cpu));
    }

    private static Finding Processor()
    {
        Architecture architecture = RuntimeInformation.ProcessArchitecture;
        (string Name, bool IsThere)[] features = architecture == Architecture.X64
            ? [("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
                ("AVX-512", Avx512F.IsSupported),
                ("AVX-VNNI", AvxVnni.IsSupported)]
            : [("NEON", AdvSimd.IsSupported), ("dot products", Dp.IsSupported)];
        string names = string.Join(", ", features.Where(feature => feature.IsThere).Select(feature => feature.Name));
        string text = $"{Environment.ProcessorCount} processors for this process, {architecture}, " +
            $"with {(names.Length > 0 ? names : "no vector instructions beyond the basic ones")}";
        return architecture == Architecture.X64 && !Avx2.IsSupported
            ? new(
                FindingLevel.Warning, "processor", text,
                "Without AVX2 a 4B model is slow here. In a virtual machine, let the guest see the host's processor.")
            : new(FindingLevel.Ok, "processor", text);
    }

    private static Finding Threads()
    {
        int threads = InferenceEngineOptions.DefaultThreads, processors = Environment.ProcessorCount;
        string source = Environment.GetEnvironmentVariable("DOTNET_PROCESSOR_COUNT") is { Length: > 0 } count
            ? $"by DOTNET_PROCESSOR_COUNT={count}"
            : "by its affinity and the limit of its container";
        if (Environment.GetEnvironmentVariable("QWEN3_THREADS") is { Length: > 0 } variable)
        {
            return new(FindingLevel.Ok, "threads", $"{threads} by default, by QWEN3_THREADS={variable}; --threads changes it");
        }

        string reason = threads < processors
            ? $"one for each physical core of the {processors} processors that this process may use"
            : "one for each processor that this process may use";
        return new(FindingLevel.Ok, "threads", $"{threads} by default, {reason} {source}; --threads changes it");
    }

    private static Finding? Library(out LlamaLibrary? library)
    {
        library = null;
        try
        {
            library = LlamaLibrary.Load();
            return null;
        }
        catch (LlamaLibraryException e)
        {
            return new(
                FindingLevel.Problem, "llama.cpp", ErrorLine.For(e), "Follow the message, and run this command again.");
        }
    }

    private static Finding Gpus(IReadOnlyList<LlamaDevice> devices)
    {
        string[] gpus =
        [
            .. devices.Where(device => device.Kind is LlamaDeviceKind.Gpu or LlamaDeviceKind.IntegratedGpu)
                .Select(gpu => $"{gpu.Name} ({gpu.Description}), {ByteSize.Text(gpu.FreeMemory)} free of " +
                    ByteSize.Text(gpu.TotalMemory)),
        ];
        return gpus.Length > 0
            ? new(FindingLevel.Ok, "graphics", string.Join("; ", gpus))
            : new(
                FindingLevel.Ok,
                "graphics",
                "the library finds no graphics card that it can use; models run on the processor");
    }

    private static Finding Memory(LlamaDevice processor)
    {
        string text = $"{ByteSize.Text(processor.FreeMemory)} free of {ByteSize.Text(processor.TotalMemory)}";
        return processor.FreeMemory >= ModestMemory
            ? new(FindingLevel.Ok, "memory", text)
            : new(
                FindingLevel.Warning, "memory", text,
                $"A 4B model in Q4_K_M needs about {ByteSize.Text(ModestMemory)}: close other programs, or raise " +
                "the limit of the container.");
    }
}
