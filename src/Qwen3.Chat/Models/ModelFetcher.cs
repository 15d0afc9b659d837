using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat.Models.Fetching;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>Fetches models from a hub into the Hugging Face cache, where other tools find them too.</summary>
/// <remarks>
/// <para>
/// A file is fetched in parts side by side. What an interruption leaves (a killed process too) is gone on with the next time. It gets its name, and
/// is used, only after its checksum was found to be the hub's. Of several processes that fetch the same file one does, and the others wait and use
/// it.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public sealed partial class ModelFetcher : IDisposable
{
    private readonly ModelHubOptions _options;
    private readonly HubSettings _settings;
    private readonly ModelFinder _finder;
    private readonly ILogger _logger;
    private readonly HttpClient _http;

    /// <summary>Creates a fetcher.</summary>
    /// <param name="options">The hub, the cache and how to fetch; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public ModelFetcher(ModelHubOptions? options = null)
    {
        _options = options ?? new();
        if (ModelHubOptionsValidator.Failures(_options).FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }

        _settings = new(_options);
        _finder = new(_options);
        _logger = _options.LoggerFactory?.CreateLogger<ModelFetcher>() ?? NullLogger<ModelFetcher>.Instance;
        _http = CreateClient();
    }

    /// <summary>Gets the folder that models are fetched into; it need not exist yet.</summary>
    public string CacheFolder => _settings.CacheFolder;

    /// <summary>Finds a model on this machine, or fetches it if it is not there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Stops the fetching; what was fetched is kept for the next time.</param>
    /// <returns>The model, whose header was checked.</returns>
    /// <inheritdoc cref="FetchAsync" path="/exception"/>
    /// <exception cref="FileNotFoundException"><paramref name="model"/> is a path, and there is no such file.</exception>
    public async Task<FoundModel> FindOrFetchAsync(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        FoundModel? found = await Task.Run(() => _finder.Find(model, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            return await FetchAsync(model, cancellationToken).ConfigureAwait(false);
        }

        LogFound(model, found.Path);
        return found;
    }

    /// <summary>Fetches a model as the hub has it now. What of it is in the cache already is not fetched again.</summary>
    /// <param name="model">The model, which is no path.</param>
    /// <param name="cancellationToken">Stops the fetching; what was fetched is kept for the next time.</param>
    /// <returns>The model, whose checksum was found to be the hub's and whose header was checked.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="model"/> is a path, or an environment variable has an address or a token that is none.
    /// </exception>
    /// <exception cref="ModelOfflineException">
    /// Nothing may be fetched: <see cref="ModelHubOptions.Offline"/> or <c>HF_HUB_OFFLINE</c> is set.
    /// </exception>
    /// <exception cref="ModelAccessException">The hub wants a token, or its conditions agreed to.</exception>
    /// <exception cref="ModelNotFoundException">The hub has no such repository or file.</exception>
    /// <exception cref="InsufficientDiskSpaceException">The file does not fit on the disk.</exception>
    /// <exception cref="ModelChecksumException">What came is not what the hub says that the file is.</exception>
    /// <exception cref="ModelFetchException">The hub could not be reached, failed, or answered what cannot be understood.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or damaged, or not of the variant that the model is.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    public async Task<FoundModel> FetchAsync(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        (ModelHub hub, HubConnection connection, string repository) = Connect(model);
        HubListing listing = await hub.ListAsync(repository, cancellationToken).ConfigureAwait(false);
        var files = new List<HubFile>();
        foreach (HubFile part in HubSelection.Choose(listing, model, repository))
        {
            files.Add(Check(connection, repository, await hub.DescribeAsync(repository, part, cancellationToken).ConfigureAwait(false)));
        }

        var cache = new HuggingFaceCache(_settings.CacheFolder);
        var report = new FetchReport(repository, HubSelection.Size(files), _options, _logger);
        var fetcher = new FileFetcher(connection, cache, repository, _options, report, _logger);
        var paths = new List<string>();
        foreach (HubFile file in files)
        {
            paths.Add(await fetcher.FetchAsync(file, cancellationToken).ConfigureAwait(false));
        }

        if (listing.IsMain)
        {
            cache.SetCommit(repository, "main", files[0].Commit);
        }

        report.Enter(FetchState.Done);
        return Describe(model, repository, paths[0]);
    }

    /// <summary>Lists the GGUF models of a repository.</summary>
    /// <param name="model">A model of the repository, which is no path; its file and quantization are not read.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The files, a split model's first part standing for all with the size of all.</returns>
    /// <exception cref="ArgumentException"><paramref name="model"/> is a path.</exception>
    /// <exception cref="ModelFetchException">The hub could not be asked, or has no such repository.</exception>
    public async Task<IReadOnlyList<HubModelFile>> ListAsync(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        (ModelHub hub, _, string repository) = Connect(model);
        HubListing listing = await hub.ListAsync(repository, cancellationToken).ConfigureAwait(false);
        return [.. HubSelection.Models(listing).Select(entry =>
            new HubModelFile(entry.Parts[0].Path, entry.Name.Quantization, HubSelection.Size(entry.Parts), entry.Parts.Count))];
    }

    /// <summary>Closes the connections. What is being fetched ends with an exception.</summary>
    public void Dispose() => _http.Dispose();

    private (ModelHub Hub, HubConnection Connection, string Repository) Connect(Qwen3Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        bool isModelScope = model.HuggingFaceRepository is null
            || (_options.Kind == ModelHubKind.ModelScope && model.ModelScopeRepository is not null);
        string repository = (isModelScope ? model.ModelScopeRepository : model.HuggingFaceRepository)
            ?? throw new ArgumentException($"{model} is a path, and is not fetched from anywhere.", nameof(model));
        if (_settings.IsOffline)
        {
            throw new ModelOfflineException(
                repository,
                $"{model} was not found on this machine, and nothing may be fetched: {nameof(ModelHubOptions)}.{nameof(ModelHubOptions.Offline)} " +
                $"or HF_HUB_OFFLINE is set. Allow it, or put the GGUF file into {_settings.ModelFolder}.");
        }

        ModelHubKind kind = isModelScope ? ModelHubKind.ModelScope : ModelHubKind.HuggingFace;
        var connection = new HubConnection(_http, _settings.Endpoint(kind), _settings.Token(kind), _options);
        return (isModelScope ? new ModelScopeHub(connection) : new HuggingFaceHub(connection), connection, repository);
    }

    private static HubFile Check(HubConnection connection, string repository, HubFile file) =>
        !HubNames.IsChecksum(file.Checksum) ? throw connection.Unreadable(repository, $"it gives no checksum of {file.Path} that could be verified")
        : file.Size <= 0 ? throw connection.Unreadable(repository, $"it gives no size of {file.Path}")
        : file;

    private static FoundModel Describe(Qwen3Model model, string repository, string path)
    {
        FoundModel found = FoundModel.Read(path, ModelLocation.HuggingFaceCache, repository);
        return model.Variant is null || found.Variant is null || model.Variant == found.Variant
            ? found
            : throw new ModelFileException(
                path,
                $"{path}, fetched as {model}, is {found.Variant} by its chat template, and should be {model.Variant}. " +
                "Give another repository or file by name (hf:owner/name:Q4_K_M).");
    }

    private HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = _options.Timeout };
        return new(new RetryHandler(_options, LogRetry, handler))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { { "User-Agent", $"Qwen3SK/{typeof(ModelFetcher).Assembly.GetName().Version?.ToString(3)}" } },
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is on this machine: {Path}")]
    private partial void LogFound(Qwen3Model model, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hub answered {Reason}; trying again in {Delay}")]
    private partial void LogRetry(string reason, TimeSpan delay);
}
