using LLama.Native;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>Creates llama contexts.</summary>
internal static class ContextFactory
{
    /// <summary>Creates a context; the handle is invalid if llama.cpp refused to.</summary>
    public static SafeLLamaContextHandle Create(SafeLlamaModelHandle model, LLamaContextParams parameters)
    {
        // llama.cpp enumerates the model's adapters here.
        lock (AdapterHandle.LockOf(model))
        {
            var context = SafeLLamaContextHandle.Create(model, parameters);
            if (context.IsInvalid)
            {
                // A handle that is invalid is never released, and LLamaSharp has added its reference already.
                model.DangerousRelease();
            }

            return context;
        }
    }
}
