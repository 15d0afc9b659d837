namespace Qwen3.Chat.Models;

/// <summary>Fetches models from a hub into the Hugging Face cache, where other tools find them too.</summary>
/// <remarks>
/// <para>
/// A file is fetched in parts side by side. What an interruption leaves (a killed process too) is gone on with the next time. It gets its name, and is used, only
/// after its checksum was found to be the hub's. Of several processes that fetch the same file one does, and the others wait and use it.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public sealed class ModelFetcher : IDisposable
{
    /// <summary>Creates a fetcher.</summary>
    /// <param name="options">The hub, the cache and how to fetch; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public ModelFetcher(ModelHubOptions? options = null)
    {
        _ = options;
    }

    /// <summary>Finds a model on this machine, or fetches it if it is not there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Stops the fetching; what was fetched is kept for the next time.</param>
    /// <returns>The model, whose header was checked.</returns>
    /// <inheritdoc cref="FetchAsync" path="/exception"/>
    /// <exception cref="FileNotFoundException"><paramref name="model"/> is a path, and there is no such file.</exception>
    /// <exception cref="LlamaCpp.ModelFileException">The file is no GGUF file, or damaged.</exception>
    public Task<FoundModel> FindOrFetchAsync(Qwen3Model model, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Fetches a model as the hub has it now. What of it is in the cache already is not fetched again.</summary>
    /// <param name="model">The model, which is no path.</param>
    /// <param name="cancellationToken">Stops the fetching; what was fetched is kept for the next time.</param>
    /// <returns>The model, whose checksum was found to be the hub's and whose header was checked.</returns>
    /// <exception cref="ArgumentException"><paramref name="model"/> is a path.</exception>
    /// <exception cref="ModelOfflineException">Nothing may be fetched: <see cref="ModelHubOptions.Offline"/> or <c>HF_HUB_OFFLINE</c> is set.</exception>
    /// <exception cref="ModelAccessException">The hub wants a token, or its conditions agreed to.</exception>
    /// <exception cref="ModelNotFoundException">The hub has no such repository or file.</exception>
    /// <exception cref="InsufficientDiskSpaceException">The file does not fit on the disk.</exception>
    /// <exception cref="ModelChecksumException">What came is not what the hub says that the file is.</exception>
    /// <exception cref="ModelFetchException">The hub could not be reached, failed, or answered what cannot be understood.</exception>
    /// <exception cref="LlamaCpp.ModelFileException">The file is no GGUF file, or not what its name says.</exception>
    /// <exception cref="LlamaCpp.UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    public Task<FoundModel> FetchAsync(Qwen3Model model, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Lists the GGUF models of a repository.</summary>
    /// <param name="model">A model of the repository, which is no path; its file and quantization are not read.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The files, a split model's first part standing for all with the size of all.</returns>
    /// <inheritdoc cref="FetchAsync" path="/exception"/>
    public Task<IReadOnlyList<HubModelFile>> ListAsync(Qwen3Model model, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Closes the connections. What is being fetched ends with an exception.</summary>
    public void Dispose()
    {
    }
}
