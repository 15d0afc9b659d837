using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary><c>llama_sampler_chain_params</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaSamplerChainParams
{
    public byte NoPerformanceTimings;
}
