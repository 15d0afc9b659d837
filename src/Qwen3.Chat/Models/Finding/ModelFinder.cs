using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>Finds the Qwen3 models on this machine, including those that other tools downloaded.</summary>
/// <remarks>
/// <para>
/// Searches the Hugging Face cache, this library's own folder, <see cref="ModelHubOptions.Folders"/>, the folder of LM
/// Studio, llama.cpp's older cache, ModelScope's cache and Ollama's store, in this order. Only the header of a GGUF
/// file is read. Files that are damaged, of another architecture or not regular files are passed over, and split models
/// with a missing part too. Nothing is written, and no hub is contacted. Folders that cannot be read are logged and
/// passed over.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public sealed partial class ModelFinder
{
    private readonly ModelHubOptions _options;
    private readonly HubSettings _settings;
    private readonly ILogger _logger;

    /// <summary>Initializes a new instance of the <see cref="ModelFinder"/> class.</summary>
    /// <param name="options">The folders to search; <see langword="null"/> for the defaults.</param>
    public ModelFinder(ModelHubOptions? options = null)
    {
        _options = options ?? new();
        _settings = new(_options);
        _logger = _options.LoggerFactory?.CreateLogger<ModelFinder>() ?? NullLogger<ModelFinder>.Instance;
    }

    /// <summary>Finds a model.</summary>
    /// <param name="model">
    /// The model. A model of the catalogue is recognised by its repository, or by the name and the shape in its header.
    /// </param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The first match in the order of locations, or <see langword="null"/>.</returns>
    /// <exception cref="FileNotFoundException">
    /// <paramref name="model"/> is a path, and there is no such file.
    /// </exception>
    /// <exception cref="ModelFileException">
    /// <paramref name="model"/> is a path, and the file is damaged or not a GGUF file of a Qwen3 model.
    /// </exception>
    public FoundModel? Find(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Path is not null)
        {
            return FoundModel.Read(model.Path, ModelLocation.Path, repository: null);
        }

        IEnumerable<Candidate> candidates = Candidates(cancellationToken).Where(
            candidate => ModelMatch.CanBe(candidate, model));
        IEnumerable<FoundModel> found = Read(candidates, cancellationToken)
            .Where(entry => ModelMatch.Is(entry.Candidate, entry.Model, model))
            .Select(entry => entry.Model);
        return model.Quantization is not null || model.File is not null
            ? found.FirstOrDefault()
            : found.MinBy(candidate => Rank(candidate.Quantization));
    }

    /// <summary>Finds all models.</summary>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>
    /// The models in the order of locations, enumerated lazily. A file that several locations link to is returned once.
    /// </returns>
    public IEnumerable<FoundModel> FindAll(CancellationToken cancellationToken = default) =>
        Read(Candidates(cancellationToken), cancellationToken).Select(entry => entry.Model);

    private static int Rank(string? quantization)
    {
        int rank = Array.IndexOf(GgufName.PreferredQuantizations, quantization);
        return rank < 0 ? GgufName.PreferredQuantizations.Length : rank;
    }

    private IEnumerable<(Candidate Candidate, FoundModel Model)> Read(
        IEnumerable<Candidate> candidates, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Candidate candidate in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FoundModel? model = null;
            try
            {
                string path = File.ResolveLinkTarget(candidate.Path, returnFinalTarget: true)?.FullName
                    ?? candidate.Path;
                // A file without content is no model, and pipes and devices have none.
                model = SmallFile.Length(path) > 0 && seen.Add(path)
                    ? FoundModel.Read(candidate.Path, candidate.Location, candidate.Repository, candidate.Name)
                    : null;
            }
            catch (Exception e) when (e is LlamaException or IOException or UnauthorizedAccessException)
            {
                LogPassedOver(candidate.Path, e.Message);
            }

            if (model is not null)
            {
                yield return (candidate, model);
            }
        }
    }

    private IEnumerable<Candidate> Candidates(CancellationToken cancellationToken)
    {
        var search = new FolderSearch(LogUnreadable, cancellationToken);
        IEnumerable<string> folders = [_settings.ModelFolder, .. _options.Folders];
        IEnumerable<Candidate> candidates = HuggingFaceSearch.Candidates(
            _settings.CacheFolder, ModelHubKind.HuggingFace, search)
            .Concat(HuggingFaceSearch.Candidates(
                Path.Combine(_settings.CacheFolder, HubSettings.ModelScopeSubfolder), ModelHubKind.ModelScope, search))
            .Concat(folders.SelectMany(folder => search.Candidates(folder, ModelLocation.Folder)));
        return _options.SearchOtherTools ? candidates.Concat(ToolSearch.Candidates(_settings, search)) : candidates;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Path} is not a usable Qwen3 model: {Reason}")]
    private partial void LogPassedOver(string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Models are not searched in {Folder}: {Reason}")]
    private partial void LogUnreadable(string folder, string reason);
}
