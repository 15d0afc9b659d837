using Qwen3.Chat.Models.Fetching;
using Qwen3.Chat.Models.Finding;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>Finds the Qwen3 models that are on this machine already, whichever tool brought them.</summary>
/// <remarks>
/// <para>
/// It looks into the Hugging Face cache, this library's own folder, <see cref="ModelHubOptions.Folders"/>, LM Studio's folder, llama.cpp's older
/// cache and Ollama's store, in this order. Of a GGUF file the header is read, and no more; a file that is damaged, or of another architecture, is
/// passed over, and so is a split model of which a part is missing. Nothing is written, and no hub is asked.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public sealed class ModelFinder
{
    private readonly ModelHubOptions _options;
    private readonly HubSettings _settings;

    /// <summary>Creates a finder.</summary>
    /// <param name="options">Where to look; the defaults if <see langword="null"/>.</param>
    public ModelFinder(ModelHubOptions? options = null)
    {
        _options = options ?? new();
        _settings = new(_options);
    }

    /// <summary>Finds a model.</summary>
    /// <param name="model">
    /// The model. One of the catalogue is recognised by the repository that it is from, or by the name and the shape in its header.
    /// </param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The first that fits in the order of places, or <see langword="null"/> if none does.</returns>
    /// <exception cref="FileNotFoundException"><paramref name="model"/> is a path, and there is no such file.</exception>
    /// <exception cref="ModelFileException">
    /// <paramref name="model"/> is a path, and the file is no GGUF file of a Qwen3 model, or damaged.
    /// </exception>
    public FoundModel? Find(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Path is not null)
        {
            return FoundModel.Read(model.Path, ModelLocation.Path, repository: null);
        }

        IEnumerable<FoundModel> found = Read(Candidates().Where(candidate => ModelMatch.CanBe(candidate, model)), cancellationToken)
            .Where(entry => ModelMatch.Is(entry.Candidate, entry.Model, model))
            .Select(entry => entry.Model);
        return model.Quantization is not null || model.File is not null
            ? found.FirstOrDefault()
            : found.MinBy(candidate => Rank(candidate.Quantization));
    }

    /// <summary>Finds all models.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The models in the order of places, each as it is read. A file that two places share (a link) is there once.</returns>
    public IEnumerable<FoundModel> FindAll(CancellationToken cancellationToken = default) =>
        Read(Candidates(), cancellationToken).Select(entry => entry.Model);

    private static int Rank(string? quantization)
    {
        int rank = Array.IndexOf(HubSelection.Preferred, quantization);
        return rank < 0 ? HubSelection.Preferred.Length : rank;
    }

    private static IEnumerable<(Candidate Candidate, FoundModel Model)> Read(IEnumerable<Candidate> candidates, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Candidate candidate in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FoundModel? model = null;
            try
            {
                string path = File.ResolveLinkTarget(candidate.Path, returnFinalTarget: true)?.FullName ?? candidate.Path;
                model = seen.Add(path) ? FoundModel.Read(candidate.Path, candidate.Location, candidate.Repository, candidate.Name) : null;
            }
            catch (Exception e) when (e is LlamaException or IOException or UnauthorizedAccessException)
            {
                // Of another architecture, still being written by somebody, or not for this user: no model to be found.
            }

            if (model is not null)
            {
                yield return (candidate, model);
            }
        }
    }

    private IEnumerable<Candidate> Candidates()
    {
        IEnumerable<string> folders = [_settings.ModelFolder, .. _options.Folders];
        IEnumerable<Candidate> candidates = HuggingFaceSearch.Candidates(_settings.CacheFolder)
            .Concat(folders.SelectMany(folder => FolderSearch.Candidates(folder, ModelLocation.Folder)));
        return _options.SearchOtherTools
            ? candidates
                .Concat(LmStudioFolders().SelectMany(folder => FolderSearch.Candidates(folder, ModelLocation.LmStudio)))
                .Concat(LlamaCppSearch.Candidates(_settings))
                .Concat(OllamaSearch.Candidates(_settings))
            : candidates;
    }

    private IEnumerable<string> LmStudioFolders() =>
        [Path.Combine(_settings.UserFolder, ".lmstudio", "models"), Path.Combine(_settings.UserFolder, ".cache", "lm-studio", "models")];
}
