using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary><c>llama_context_params</c> of the pinned release.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaContextParams
{
    public uint ContextSize;
    public uint BatchSize;
    public uint MicroBatchSize;
    public uint MaxSequences;
    public uint RecurrentStateSnapshots;
    public uint MaxOutputs;
    public uint MaxOutputsPerSequence;
    public int Threads;
    public int BatchThreads;
    public int ContextType;
    public int RopeScalingType;
    public int PoolingType;
    public int AttentionType;
    public int FlashAttentionType;
    public float RopeFrequencyBase;
    public float RopeFrequencyScale;
    public float YarnExtensionFactor;
    public float YarnAttentionFactor;
    public float YarnBetaFast;
    public float YarnBetaSlow;
    public uint YarnOriginalContext;
    public float DefragmentationThreshold;
    public nint EvaluationCallback;
    public nint EvaluationCallbackUserData;
    public int KeyType;
    public int ValueType;
    public delegate* unmanaged[Cdecl]<nint, byte> AbortCallback;
    public nint AbortCallbackData;
    public byte Embeddings;
    public byte OffloadKqv;
    public byte NoPerformanceTimings;
    public byte OffloadOperations;
    public byte FullSlidingWindow;
    public byte UnifiedKeyValueCache;
    public nint Samplers;
    public nuint SamplerCount;
    public nint OtherContext;
}
