namespace Qwen3.LlamaCpp;

/// <summary>A LoRA adapter: a fine-tuning of a model in a small file of its own.</summary>
/// <param name="Path">The GGUF file, as <c>convert_lora_to_gguf.py</c> of llama.cpp writes it for the model's architecture.</param>
public sealed record LoraAdapter(string Path)
{
    /// <summary>Gets how strongly the adapter counts. The default is 1, as it was trained; 0 leaves the model as it is.</summary>
    public float Scale { get; init; } = 1;
}
