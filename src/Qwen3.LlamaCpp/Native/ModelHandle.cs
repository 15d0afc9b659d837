using Microsoft.Win32.SafeHandles;

namespace Qwen3.LlamaCpp.Native;

/// <summary>A <c>llama_model</c>. It is freed when the last context over it is gone.</summary>
internal sealed class ModelHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ModelHandle(nint model)
        : base(ownsHandle: true) => SetHandle(model);

    /// <summary>Held while adapters over the model come, go or are gone through: llama.cpp keeps them in a set that nothing guards.</summary>
    public Lock Adapters { get; } = new();

    protected override bool ReleaseHandle()
    {
        NativeMethods.llama_model_free(handle);
        return true;
    }
}
