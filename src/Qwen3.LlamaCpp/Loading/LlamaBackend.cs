namespace Qwen3.LlamaCpp;

/// <summary>Specifies which build of llama.cpp computes.</summary>
public enum LlamaBackend
{
    /// <summary>The processor's, and Metal's on macOS: from the package <c>LLamaSharp.Backend.Cpu</c>.</summary>
    Cpu,

    /// <summary>NVIDIA's GPUs: from the package <c>LLamaSharp.Backend.Cuda12</c>.</summary>
    Cuda,

    /// <summary>GPUs with a Vulkan driver: from the package <c>LLamaSharp.Backend.Vulkan</c>.</summary>
    Vulkan,
}
