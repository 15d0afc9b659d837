using Microsoft.Win32.SafeHandles;

namespace Qwen3.LlamaCpp.Native;

/// <summary>A <c>llama_adapter_lora</c>, which keeps its model alive: llama.cpp would free it with the model.</summary>
internal sealed class AdapterHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly ModelHandle _model;

    public AdapterHandle(ModelHandle model, string path)
        : base(ownsHandle: true)
    {
        bool added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        lock (model.Adapters)
        {
            SetHandle(NativeMethods.llama_adapter_lora_init(model, path));
        }

        if (IsInvalid)
        {
            model.DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        lock (_model.Adapters)
        {
            NativeMethods.llama_adapter_lora_free(handle);
        }

        _model.DangerousRelease();
        return true;
    }
}
