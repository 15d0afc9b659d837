using Microsoft.Extensions.Logging;

namespace Qwen3.LlamaCpp;

/// <summary>How a model is loaded.</summary>
public sealed class LlamaModelOptions
{
    /// <summary>
    /// Gets or sets how many of the model's layers a GPU takes, where a GPU library is present. <see langword="null"/>, the
    /// default, means all of them; 0 keeps the model on the CPU.
    /// </summary>
    /// <remarks>They are the last ones, and the output counts as one more: 1 puts the output alone on a GPU.</remarks>
    public int? GpuLayers { get; set; }

    /// <summary>
    /// Gets or sets the names of the devices that take the model's layers, as <see cref="LlamaDevice.GetAll"/> gives them. <see langword="null"/>, the
    /// default, means every graphics card, or the integrated ones where there is no other; naming <c>CPU</c> alone, or nothing, keeps the model off them.
    /// </summary>
    /// <remarks>Layers go to the devices in this order. Those that no GPU takes are on the CPU, whether it is named or not.</remarks>
    public IReadOnlyList<string>? Devices { get; set; }

    /// <summary>
    /// Gets or sets in which proportions the layers are shared out to the GPUs of <see cref="Devices"/>: a number of 0 or more for each, such as 3 and 1.
    /// <see langword="null"/>, the default, means in proportion to their free memory.
    /// </summary>
    public IReadOnlyList<float>? TensorSplit { get; set; }

    /// <summary>
    /// Gets or sets how many bytes of RAM the weights may take that no GPU takes. The default, <see langword="null"/>, means as many as are free. What does
    /// not fit is refused with an <see cref="InsufficientModelMemoryException"/> before anything is loaded.
    /// </summary>
    /// <remarks>
    /// On a CPU some weights are mapped from the file and can be read from the disk again where there is no room for them, at its speed; set this to allow it.
    /// Others, most of a Q4_K model's, are rearranged for the processor and take memory of their own.
    /// </remarks>
    public long? MemoryLimit { get; set; }

    /// <summary>Gets or sets a directory with llama.cpp libraries of the user's own, which take precedence over those of the backend packages.</summary>
    /// <value>
    /// The default, <see langword="null"/>, means the directory in the environment variable <c>QWEN3_LLAMA_DIRECTORY</c>, or else the build of the
    /// referenced <c>LLamaSharp.Backend.*</c> packages that LLamaSharp prefers on this machine.
    /// </value>
    /// <remarks>
    /// The libraries must be of the commit of llama.cpp that LLamaSharp binds. A process loads them once: the first model decides, or the
    /// application if it used LLamaSharp before.
    /// </remarks>
    public string? LibraryDirectory { get; set; }

    /// <summary>Gets or sets the only backend to accept.</summary>
    /// <value>
    /// The default, <see langword="null"/>, means the one in the environment variable <c>QWEN3_LLAMA_BACKEND</c>, or else the best one that is
    /// installed and works: CUDA, then Vulkan, then the CPU.
    /// </value>
    public LlamaBackend? Backend { get; set; }

    /// <summary>Gets or sets the sink for load progress, from 0 to 1. Invoked on the loading thread. The default is <see langword="null"/>.</summary>
    public IProgress<float>? Progress { get; set; }

    /// <summary>Gets or sets where llama.cpp's log goes. The default is nowhere; its errors are in the exceptions all the same.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Copies the options, so that a change of the copy leaves these as they are. What they refer to is not copied.</summary>
    /// <returns>The copy.</returns>
    public LlamaModelOptions Clone() => (LlamaModelOptions)MemberwiseClone();
}
