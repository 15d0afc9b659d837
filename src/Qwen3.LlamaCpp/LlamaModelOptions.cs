using Microsoft.Extensions.Logging;

namespace Qwen3.LlamaCpp;

/// <summary>How a model is loaded.</summary>
public sealed class LlamaModelOptions
{
    /// <summary>
    /// Gets or sets how many of the model's layers a GPU takes, where a GPU library is present. <see langword="null"/>, the
    /// default, means all of them; 0 keeps the model on the CPU.
    /// </summary>
    public int? GpuLayers { get; set; }

    /// <summary>
    /// Gets or sets the directory of llama.cpp libraries of the user's own, which win over the ones that come with this package.
    /// </summary>
    /// <remarks>
    /// The default, <see langword="null"/>, takes the directory in the environment variable <c>QWEN3_LLAMA_DIRECTORY</c>, or else
    /// <c>runtimes/RID/native</c> beside the application. A process holds the libraries once: the first model decides.
    /// </remarks>
    public string? LibraryDirectory { get; set; }

    /// <summary>Gets or sets who is told how much of the model is loaded, from 0 to 1. It is called on the loading thread. The default is nobody.</summary>
    public IProgress<float>? Progress { get; set; }

    /// <summary>Gets or sets where llama.cpp's log goes. The default is nowhere; its errors are in the exceptions all the same.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
