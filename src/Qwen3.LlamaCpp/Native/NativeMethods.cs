using System.Runtime.InteropServices;

namespace Qwen3.LlamaCpp.Native;

/// <summary>
/// The functions of llama.cpp in use, under their own names, so that they can be looked up in its header <c>llama.h</c>.
/// <see cref="NativeLibraries"/> decides which files the library names below stand for and must have loaded them before.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlBase = "ggml-base";

    [LibraryImport(Llama)]
    public static partial void llama_backend_init();

    [LibraryImport(Llama)]
    public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, nint, void> callback, nint userData);

    [LibraryImport(Ggml)]
    public static partial void ggml_backend_load_all_from_path(byte* directory);

    [LibraryImport(Ggml)]
    public static partial nuint ggml_backend_dev_count();

    [LibraryImport(Ggml)]
    public static partial nint ggml_backend_dev_get(nuint index);

    [LibraryImport(GgmlBase)]
    public static partial byte* ggml_backend_dev_name(nint device);

    [LibraryImport(GgmlBase)]
    public static partial byte* ggml_backend_dev_description(nint device);

    [LibraryImport(GgmlBase)]
    public static partial int ggml_backend_dev_type(nint device);

    [LibraryImport(GgmlBase)]
    public static partial void ggml_backend_dev_memory(nint device, nuint* free, nuint* total);

    [LibraryImport(Llama)]
    public static partial LlamaModelParams llama_model_default_params();

    [LibraryImport(Llama)]
    public static partial LlamaContextParams llama_context_default_params();

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_model_load_from_file(string path, LlamaModelParams parameters);

    [LibraryImport(Llama)]
    public static partial void llama_model_free(nint model);

    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(ModelHandle model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_size(ModelHandle model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_n_params(ModelHandle model);

    [LibraryImport(Llama)]
    public static partial int llama_model_ftype(ModelHandle model);

    [LibraryImport(Llama)]
    public static partial byte* llama_ftype_name(int fileType);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_n_tokens(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial byte* llama_vocab_get_text(nint vocabulary, int token);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_eos(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial int llama_tokenize(
        nint vocabulary, byte* text, int textLength, int* tokens, int maxTokens, byte addSpecial, byte parseSpecial);

    [LibraryImport(Llama)]
    public static partial int llama_token_to_piece(nint vocabulary, int token, byte* buffer, int length, int skippedSpaces, byte special);

    [LibraryImport(Llama)]
    public static partial nint llama_init_from_model(ModelHandle model, LlamaContextParams parameters);

    [LibraryImport(Llama)]
    public static partial void llama_free(nint context);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_adapter_lora_init(ModelHandle model, string path);

    [LibraryImport(Llama)]
    public static partial void llama_adapter_lora_free(nint adapter);

    [LibraryImport(Llama)]
    public static partial int llama_set_adapters_lora(ContextHandle context, nint* adapters, nuint count, float* scales);

    [LibraryImport(Llama)]
    public static partial uint llama_n_batch(ContextHandle context);

    [LibraryImport(Llama)]
    public static partial nint llama_get_memory(ContextHandle context);

    [LibraryImport(Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool llama_memory_seq_rm(nint memory, int sequence, int start, int end);

    [LibraryImport(Llama)]
    public static partial void llama_memory_seq_cp(nint memory, int source, int destination, int start, int end);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint llama_state_seq_save_file(ContextHandle context, string path, int sequence, int* tokens, nuint count);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint llama_state_seq_load_file(
        ContextHandle context, string path, int sequence, int* tokens, nuint capacity, nuint* count);

    [LibraryImport(Llama)]
    public static partial int llama_decode(ContextHandle context, LlamaBatch batch);

    [LibraryImport(Llama)]
    public static partial float* llama_get_logits_ith(ContextHandle context, int output);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_chain_init(LlamaSamplerChainParams parameters);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_chain_add(SamplerHandle chain, nint sampler);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_free(nint sampler);

    [LibraryImport(Llama)]
    public static partial int llama_sampler_sample(SamplerHandle sampler, ContextHandle context, int output);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_greedy();

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_dist(uint seed);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_top_k(int k);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_top_p(float p, nuint minKeep);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_min_p(float p, nuint minKeep);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_temp(float temperature);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_penalties(
        int vocabularySize, int lastTokens, float repetition, float frequency, float presence);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_logit_bias(int vocabularySize, int count, LlamaLogitBias* biases);

    [LibraryImport(Llama)]
    public static partial nint llama_sampler_init_grammar(nint vocabulary, byte* grammar, byte* root);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_apply(SamplerHandle sampler, LlamaTokenDataArray* candidates);

    [LibraryImport(Llama)]
    public static partial void llama_sampler_accept(SamplerHandle sampler, int token);

    /// <summary>The text of a C string that llama.cpp owns.</summary>
    public static string ToText(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
