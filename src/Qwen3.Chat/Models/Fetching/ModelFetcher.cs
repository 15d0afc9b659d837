using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Models;

/// <summary>Fetches models from a hub into the Hugging Face cache, where other tools find them too.</summary>
/// <remarks>
/// <para>
/// The parts of a file are fetched in parallel. An interrupted download, of a killed process too, is resumed the next
/// time. A file gets its name, and is used, only after its checksum was compared with that of the hub. When several
/// processes fetch the same file, one of them downloads it and the others wait.
/// </para>
/// <para>
/// Nothing is written through a symbolic link within the cache; the folder of the cache itself may be one.
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

    /// <summary>Initializes a new instance of the <see cref="ModelFetcher"/> class.</summary>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public ModelFetcher(ModelHubOptions? options = null)
    {
        _options = options ?? new();
        if (_options.Failures().FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }

        _settings = new(_options);
        _finder = new(_options);
        _logger = _options.LoggerFactory?.CreateLogger<ModelFetcher>() ?? NullLogger<ModelFetcher>.Instance;
        _http = CreateClient();
    }

    /// <summary>Gets the folder that models are fetched into. It is created when it is needed.</summary>
    public string CacheFolder => _settings.CacheFolder;

    /// <summary>Finds a model on this machine, or fetches it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Cancels the download; the received bytes are kept.</param>
    /// <returns>The model. Its header is valid; its checksum is verified only if it was fetched by this call.</returns>
    /// <inheritdoc cref="FetchAsync" path="/exception"/>
    /// <exception cref="FileNotFoundException">
    /// <paramref name="model"/> is a path, and there is no such file.
    /// </exception>
    public async Task<FoundModel> FindOrFetchAsync(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        FoundModel? found = await Task.Run(() => _finder.Find(model, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        if (found is null)
        {
            return await FetchAsync(model, cancellationToken).ConfigureAwait(false);
        }

        LogFound(model, found.Path);
        return found;
    }

    /// <summary>
    /// Fetches the current version of a model from the hub. A file that is in the cache is not fetched again if its
    /// checksum is right; the checksum is computed once for each file.
    /// </summary>
    /// <param name="model">The model; not a path.</param>
    /// <param name="cancellationToken">Cancels the download; the received bytes are kept.</param>
    /// <returns>The model. Its checksum is that of the hub, and its header is valid.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="model"/> is a path, or the value of an environment variable is not an address or a token.
    /// </exception>
    /// <exception cref="ModelOfflineException">
    /// <see cref="ModelHubOptions.Offline"/> or <c>HF_HUB_OFFLINE</c> forbids fetching.
    /// </exception>
    /// <exception cref="ModelAccessException">
    /// The hub requires a token or accepted conditions, or the token cannot be read.
    /// </exception>
    /// <exception cref="ModelNotFoundException">The hub has no such repository or file.</exception>
    /// <exception cref="InsufficientDiskSpaceException">The disk has too little free space.</exception>
    /// <exception cref="ModelChecksumException">The received file is not the file of the hub.</exception>
    /// <exception cref="ModelFetchException">
    /// The hub is unreachable, failed or sent an invalid answer, or the cache cannot be written.
    /// </exception>
    /// <exception cref="ModelFileException">
    /// The file is damaged, is not a GGUF file, or has another variant than the model.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The file holds a model of another architecture than <c>qwen3</c>.
    /// </exception>
    public async Task<FoundModel> FetchAsync(Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        (ModelHubKind kind, string repository) = Source(model);
        var cache = new HuggingFaceCache(
            _settings.CacheFolder, kind == ModelHubKind.ModelScope ? HubSettings.ModelScopeSubfolder : "");
        var report = new FetchReport(repository, Progress(kind, cache.Folder), _options.TimeProvider, _logger);
        (ModelHub hub, HubConnection connection) = Connect(model, kind, repository, report.Retry);
        report.Enter(FetchState.Connecting);
        HubListing listing = await hub.ListAsync(repository, cancellationToken).ConfigureAwait(false);
        var files = new List<HubFile>();
        foreach (HubFile part in HubSelection.Choose(listing, model, repository))
        {
            HubFile described = await hub.DescribeAsync(repository, part, cancellationToken).ConfigureAwait(false);
            files.Add(Check(connection, repository, described));
        }

        report.Start(HubSelection.Size(files));
        var fetcher = new FileFetcher(connection, cache, repository, _options, report, _logger);
        var paths = new List<string>();
        foreach (HubFile file in files)
        {
            paths.Add(await fetcher.FetchAsync(file, cancellationToken).ConfigureAwait(false));
        }

        if (listing.IsMain)
        {
            SetCommit(cache, repository, files[0].Commit);
        }

        FoundModel found = Describe(model, kind, repository, paths[0]);
        report.Enter(FetchState.Done);
        return found;
    }

    /// <summary>Lists the GGUF models of a repository.</summary>
    /// <param name="model">A model of the repository; not a path. Its file and quantization are ignored.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The models; of a split model the first part with the size of all parts.</returns>
    /// <exception cref="ArgumentException"><paramref name="model"/> is a path.</exception>
    /// <exception cref="ModelFetchException">The hub is unreachable or failed, or has no such repository.</exception>
    public async Task<IReadOnlyList<HubModelFile>> ListAsync(
        Qwen3Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        (ModelHubKind kind, string repository) = Source(model);
        var report = new FetchReport(repository, _options.Progress, _options.TimeProvider, _logger);
        (ModelHub hub, _) = Connect(model, kind, repository, report.Retry);
        report.Enter(FetchState.Connecting);
        HubListing listing = await hub.ListAsync(repository, cancellationToken).ConfigureAwait(false);
        return [.. HubSelection.Models(listing).Select(entry =>
            new HubModelFile(
                entry.Parts[0].Path, entry.Name.Quantization, HubSelection.Size(entry.Parts), entry.Parts.Count))];
    }

    /// <summary>Closes the connections. Running downloads end with an exception.</summary>
    public void Dispose() => _http.Dispose();

    private (ModelHubKind Kind, string Repository) Source(Qwen3Model model)
    {
        bool isModelScope = model.HuggingFaceRepository is null
            || (_options.Kind == ModelHubKind.ModelScope && model.ModelScopeRepository is not null);
        string repository = (isModelScope ? model.ModelScopeRepository : model.HuggingFaceRepository)
            ?? throw new ArgumentException($"{model} is a path and cannot be fetched.", nameof(model));
        return _settings.IsOffline
            ? throw new ModelOfflineException(
                repository,
                $"{model} is not on this machine, and fetching is switched off by {nameof(ModelHubOptions)}." +
                $"{nameof(ModelHubOptions.Offline)} or HF_HUB_OFFLINE. Switch it on, or copy {FileName(model)} into " +
                $"{_settings.ModelFolder}.")
            : (isModelScope ? ModelHubKind.ModelScope : ModelHubKind.HuggingFace, repository);
    }

    private (ModelHub Hub, HubConnection Connection) Connect(
        Qwen3Model model, ModelHubKind kind, string repository, Action<int> onRetry)
    {
        bool isModelScope = kind == ModelHubKind.ModelScope;
        var connection = new HubConnection(_http, _settings.Endpoint(kind), _settings.Token(kind, repository), _options)
        {
            FileName = FileName(model),
            ModelFolder = _settings.ModelFolder,
            EndpointVariable = isModelScope ? "MODELSCOPE_DOMAIN" : "HF_ENDPOINT",
            OnRetry = onRetry,
        };
        return (isModelScope ? new ModelScopeHub(connection) : new HuggingFaceHub(connection), connection);
    }

    /// <summary>
    /// Returns the sink for the progress. Without one and without a log, the download is reported on the console.
    /// </summary>
    private IProgress<FetchProgress>? Progress(ModelHubKind kind, string folder) =>
        _options.Progress is not null || !_options.ConsoleProgress || _logger.IsEnabled(LogLevel.Critical)
            ? _options.Progress
            : new ConsoleProgress(
                _options.Console ?? Console.Error,
                _options.Console is null && !Console.IsErrorRedirected && _settings.Variable("TERM") != "dumb",
                _settings.Endpoint(kind).Host,
                folder,
                _options.MaxRetries + 1);

    private static string FileName(Qwen3Model model) =>
        model.File ?? (model.Quantization is null ? $"{model.Name}.gguf" : $"{model.Name}-{model.Quantization}.gguf");

    private void SetCommit(HuggingFaceCache cache, string repository, string commit)
    {
        try
        {
            cache.SetCommit(repository, "main", commit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file is complete. Only other tools need the commit, to find it while they are offline.
            LogNoCommit(repository, e.Message);
        }
    }

    private static HubFile Check(HubConnection connection, string repository, HubFile file) =>
        !HubNames.IsChecksum(file.Checksum) ? throw connection.Unreadable(
            repository, $"it has no usable checksum of {file.Path}")
        : file.Size <= 0 ? throw connection.Unreadable(repository, $"it has no size of {file.Path}")
        : file;

    private static FoundModel Describe(Qwen3Model model, ModelHubKind kind, string repository, string path)
    {
        FoundModel found = FoundModel.Read(
            path,
            kind == ModelHubKind.ModelScope ? ModelLocation.ModelScopeCache : ModelLocation.HuggingFaceCache,
            repository);
        return model.Variant is null || found.Variant is null || model.Variant == found.Variant
            ? found
            : throw new ModelFileException(
                path,
                $"{path}, fetched as {model}, is {found.Variant} by its chat template, and should be " +
                $"{model.Variant}. " +
                "Give another repository or file by name (hf:owner/name:Q4_K_M).");
    }

    private HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = _options.Timeout,
        };
        return new(new RetryHandler(_options, LogRetry, handler))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders =
            {
                { "User-Agent", $"Qwen3SK/{typeof(ModelFetcher).Assembly.GetName().Version?.ToString(3)}" },
            },
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is on this machine: {Path}")]
    private partial void LogFound(Qwen3Model model, string path);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A request to the hub failed ({Reason}); the next attempt follows in {Delay}")]
    private partial void LogRetry(string reason, TimeSpan delay);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The commit of {Repository} cannot be recorded in the cache: {Reason}")]
    private partial void LogNoCommit(string repository, string reason);
}

/// <summary>A GGUF model in a repository of a hub.</summary>
/// <param name="File">
/// The file in the repository, with <c>/</c> between folders; of a split model the first part.
/// </param>
/// <param name="Quantization">
/// The quantization in the name of the file, or <see langword="null"/> if it has none.
/// </param>
/// <param name="SizeInBytes">The size; of a split model the size of all parts.</param>
/// <param name="Parts">The number of files.</param>
public sealed record HubModelFile(string File, string? Quantization, long SizeInBytes, int Parts);
