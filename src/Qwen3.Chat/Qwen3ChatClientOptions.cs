using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>How a <see cref="Qwen3ChatClient"/> treats its model.</summary>
public sealed class Qwen3ChatClientOptions
{
    /// <summary>Gets or sets which variant the model is. The default, <see langword="null"/>, reads it off the model's chat template.</summary>
    public Qwen3Variant? Variant { get; set; }

    /// <summary>Gets or sets the model's name in responses, logs and traces. The default, <see langword="null"/>, is the name in the model's file.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets how <see cref="Qwen3ChatClient.Load"/> loads the model. A client over an existing engine does not read it.</summary>
    public LlamaModelOptions Model { get; set; } = new();

    /// <summary>
    /// Gets or sets how the engine that <see cref="Qwen3ChatClient.Load"/> creates computes: the context's size, the threads. A client over
    /// an existing engine does not read it.
    /// </summary>
    public InferenceEngineOptions Engine { get; set; } = new();
}
