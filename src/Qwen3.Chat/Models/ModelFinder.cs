namespace Qwen3.Chat.Models;

/// <summary>Finds the Qwen3 models that are on this machine already, whichever tool brought them.</summary>
/// <remarks>
/// <para>
/// It looks into the Hugging Face cache, this library's own folder, <see cref="ModelHubOptions.Folders"/>, LM Studio's folder, llama.cpp's older cache and Ollama's
/// store, in this order. Of a GGUF file the header is read, and no more; a file that is damaged, or of another architecture, is passed over, and so is a split
/// model of which a part is missing. Nothing is written, and no hub is asked.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
/// <param name="options">Where to look; the defaults if <see langword="null"/>.</param>
public sealed class ModelFinder(ModelHubOptions? options = null)
{
    private readonly ModelHubOptions _options = options ?? new();

    /// <summary>Finds a model.</summary>
    /// <param name="model">The model. One of the catalogue is recognised by the repository that it is from, or by the name and the shape in its header.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The first that fits in the order of places, or <see langword="null"/> if none does.</returns>
    /// <exception cref="FileNotFoundException"><paramref name="model"/> is a path, and there is no such file.</exception>
    /// <exception cref="LlamaCpp.ModelFileException"><paramref name="model"/> is a path, and the file is no GGUF file of a Qwen3 model, or damaged.</exception>
    public FoundModel? Find(Qwen3Model model, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Finds all models.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The models in the order of places, each as it is read. A file that two places share (a link) is there once.</returns>
    public IEnumerable<FoundModel> FindAll(CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
