using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LLama.Native;

[assembly: DisableRuntimeMarshalling]

namespace Qwen3.LlamaCpp.Loading;

/// <summary>
/// The functions of llama.cpp that LLamaSharp does not bind, or not in a form that fits: under their own names, so that
/// they can be looked up in <c>llama.h</c> and <c>ggml-backend.h</c>.
/// </summary>
/// <remarks><see cref="LibraryLoader"/> maps the library names to the files that LLamaSharp loaded, and has to run first.</remarks>
internal static unsafe partial class NativeMethods
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlBase = "ggml-base";

    // LLamaSharp's binding takes a lock of the whole process, so engines on different devices would wait for each other.
    [LibraryImport(Llama)]
    public static partial int llama_decode(SafeLLamaContextHandle context, LLamaNativeBatch batch);

    // LLamaSharp's binding tokenizes twice, the first time to learn the length.
    [LibraryImport(Llama)]
    public static partial int llama_tokenize(
        nint vocabulary, byte* text, int textLength, int* tokens, int maxTokens, byte addSpecial, byte parseSpecial);

    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(SafeLlamaModelHandle model);

    [LibraryImport(Llama)]
    public static partial byte* llama_ftype_name(int fileType);

    // LLamaSharp's binding does not say that an adapter could not be loaded.
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_adapter_lora_init(SafeLlamaModelHandle model, string path);

    [LibraryImport(Llama)]
    public static partial void llama_adapter_lora_free(nint adapter);

    [LibraryImport(Llama)]
    public static partial int llama_set_adapters_lora(SafeLLamaContextHandle context, nint* adapters, nuint count, float* scales);

    [LibraryImport(Llama)]
    public static partial void llama_log_get(nint* callback, nint* userData);

    [LibraryImport(Llama)]
    public static partial void llama_log_set(nint callback, nint userData);

    [LibraryImport(Ggml)]
    public static partial void ggml_backend_load_all_from_path(byte* directory);

    [LibraryImport(GgmlBase)]
    public static partial byte* ggml_backend_dev_description(nint device);

    [LibraryImport(GgmlBase)]
    public static partial int ggml_backend_dev_type(nint device);

    [LibraryImport(GgmlBase)]
    public static partial void ggml_backend_dev_memory(nint device, nuint* free, nuint* total);

    /// <summary>Returns the text of a C string that llama.cpp owns.</summary>
    public static string ToText(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
