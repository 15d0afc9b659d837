using System.Runtime.CompilerServices;
using LLama.Native;
using Microsoft.Win32.SafeHandles;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>A <c>llama_adapter_lora</c>, which keeps its model alive: llama.cpp would free it with the model.</summary>
internal sealed class AdapterHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private static readonly ConditionalWeakTable<SafeLlamaModelHandle, Lock> s_locks = [];

    private readonly SafeLlamaModelHandle _model;

    public AdapterHandle(SafeLlamaModelHandle model, string path)
        : base(ownsHandle: true)
    {
        bool added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        lock (LockOf(model))
        {
            SetHandle(NativeMethods.llama_adapter_lora_init(model, path));
        }

        if (IsInvalid)
        {
            model.DangerousRelease();
        }
    }

    /// <summary>
    /// Returns the lock that is held while adapters over a model are added, removed or enumerated: llama.cpp keeps them in a
    /// set that nothing guards.
    /// </summary>
    public static Lock LockOf(SafeLlamaModelHandle model) => s_locks.GetValue(model, static _ => new());

    protected override bool ReleaseHandle()
    {
        lock (LockOf(_model))
        {
            NativeMethods.llama_adapter_lora_free(handle);
        }

        _model.DangerousRelease();
        return true;
    }
}
