using Microsoft.Win32.SafeHandles;

namespace Qwen3.LlamaCpp.Native;

/// <summary>A <c>llama_sampler</c>; a chain frees what it is made of.</summary>
internal sealed class SamplerHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public SamplerHandle(nint sampler)
        : base(ownsHandle: true) => SetHandle(sampler);

    protected override bool ReleaseHandle()
    {
        NativeMethods.llama_sampler_free(handle);
        return true;
    }
}
