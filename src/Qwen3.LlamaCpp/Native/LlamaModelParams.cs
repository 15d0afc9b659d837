using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary><c>llama_model_params</c> of the pinned release. Booleans are bytes so that the struct stays blittable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaModelParams
{
    public nint* Devices;
    public nint TensorBufferTypeOverrides;
    public int GpuLayerCount;
    public int SplitMode;
    public int LoadMode;
    public int LazyMode;
    public int MainGpu;
    public float* TensorSplit;
    public delegate* unmanaged[Cdecl]<float, nint, byte> ProgressCallback;
    public nint ProgressCallbackUserData;
    public nint KeyValueOverrides;
    public byte VocabularyOnly;
    public byte CheckTensors;
    public byte UseExtraBufferTypes;
    public byte NoHost;
    public byte NoAllocation;
    public byte LoadMtp;
}
