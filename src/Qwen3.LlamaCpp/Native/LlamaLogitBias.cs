using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary><c>llama_logit_bias</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaLogitBias
{
    public int Token;
    public float Bias;
}
