using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Hosting;

/// <summary>Loads a model that is given by name: it is found or fetched the first time, and its file is loaded again after that.</summary>
/// <param name="model">The model, which is no path.</param>
/// <param name="options">How to fetch and load it.</param>
/// <param name="onVariant">Is told which variant it is treated as, once its file is there.</param>
internal sealed class NamedModel(Qwen3Model model, Qwen3ChatClientOptions options, Action<Qwen3Variant> onVariant)
{
    private string? _path;

    public async Task<LoadedModel> LoadAsync(CancellationToken cancellationToken)
    {
        if (_path is null || !File.Exists(_path))
        {
            using var fetcher = new ModelFetcher(options.Hub);
            _path = (await fetcher.FindOrFetchAsync(model, cancellationToken).ConfigureAwait(false)).Path;
        }

        Qwen3Variant variant = options.Variant ?? Qwen3Variants.Detect(ModelFile.Read(_path));
        onVariant(variant);
        return await LoadedModel.LoadAsync(_path, variant, options, cancellationToken).ConfigureAwait(false);
    }
}
