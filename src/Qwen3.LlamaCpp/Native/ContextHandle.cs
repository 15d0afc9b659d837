using Microsoft.Win32.SafeHandles;

namespace Qwen3.LlamaCpp.Native;

/// <summary>A <c>llama_context</c>, which keeps its model alive.</summary>
internal sealed class ContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly ModelHandle _model;

    public ContextHandle(ModelHandle model, LlamaContextParams parameters)
        : base(ownsHandle: true)
    {
        bool added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        lock (model.Adapters)
        {
            SetHandle(NativeMethods.llama_init_from_model(model, parameters));
        }

        if (IsInvalid)
        {
            model.DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.llama_free(handle);
        _model.DangerousRelease();
        return true;
    }
}
