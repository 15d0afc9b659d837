namespace Qwen3.LlamaCpp;

/// <summary>What a <see cref="LlamaDevice"/> is.</summary>
public enum LlamaDeviceKind
{
    /// <summary>The processor, with the machine's memory.</summary>
    Cpu,

    /// <summary>A graphics card with memory of its own.</summary>
    Gpu,

    /// <summary>A graphics processor that shares the machine's memory.</summary>
    IntegratedGpu,

    /// <summary>Something that works together with the processor, such as a library for matrices.</summary>
    Accelerator,
}
