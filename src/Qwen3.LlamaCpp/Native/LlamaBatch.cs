using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary><c>llama_batch</c>: the tokens of one call of <c>llama_decode</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int TokenCount;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceIdCounts;
    public int** SequenceIds;
    public sbyte* Outputs;
}
