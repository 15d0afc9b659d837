using Qwen3.Chat.Constraints;
using Qwen3.Chat.Format;
using Qwen3.Chat.Models;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Hosting;

/// <summary>An engine with its model, and the special tokens that a client uses.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly bool _ownsEngine, _ownsModel;

    /// <param name="engine">The engine.</param>
    /// <param name="variant">The variant of the model.</param>
    /// <param name="ownsEngine">Whether to dispose the engine.</param>
    /// <param name="ownsModel">Whether to dispose the model.</param>
    /// <exception cref="KeyNotFoundException">The model's vocabulary is not that of Qwen3.</exception>
    public LoadedModel(InferenceEngine engine, Qwen3Variant variant, bool ownsEngine = false, bool ownsModel = false)
    {
        Engine = engine;
        Variant = variant;
        _ownsEngine = ownsEngine;
        _ownsModel = ownsModel;
        PromptTokenizer = new(Tokenizer, engine.ContextSize);
        StopTokens = [.. ChatFormat.StopTokens.Select(Tokenizer.GetSpecialTokenId)];
        ToolCallToken = Tokenizer.GetSpecialTokenId(ChatFormat.ToolCallStart);
        ThinkingTokens =
            [Tokenizer.GetSpecialTokenId(ChatFormat.ThinkStart), Tokenizer.GetSpecialTokenId(ChatFormat.ThinkEnd)];
        ThinkingLimit = new()
        {
            StartToken = variant == Qwen3Variant.Hybrid ? ThinkingTokens[0] : null,
            EndToken = ThinkingTokens[1],
            Closing = Tokenizer.Encode(
                $"{ChatFormat.BudgetClosing}{ChatFormat.ThinkEnd}\n\n", SpecialTokens.UserDefined),
        };
    }

    public InferenceEngine Engine { get; }

    public Qwen3Variant Variant { get; }

    public Tokenizer Tokenizer => Engine.Model.Tokenizer;

    public PromptTokenizer PromptTokenizer { get; }

    /// <summary>Gets a value indicating whether the engine, which is owned, was disposed or failed.</summary>
    public bool IsLost => _ownsEngine && Engine.IsDisposed;

    public int[] StopTokens { get; }

    public int ToolCallToken { get; }

    /// <summary>Gets the tags around the reasoning.</summary>
    public int[] ThinkingTokens { get; }

    /// <summary>Gets how reasoning is closed, without a budget.</summary>
    public ThinkingLimit ThinkingLimit { get; }

    public GrammarCache Grammars { get; } = new();

    public static async Task<LoadedModel> LoadAsync(
        string path, Qwen3Variant variant, Qwen3ChatClientOptions options, CancellationToken cancellationToken)
    {
        LlamaModel model = await LlamaModel.LoadAsync(path, options.Model, cancellationToken).ConfigureAwait(false);
        try
        {
            return Create(model, variant, options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Creates an engine over a model.</summary>
    public static LoadedModel Create(
        LlamaModel model, Qwen3Variant variant, Qwen3ChatClientOptions options, bool ownsModel)
    {
        var engine = new InferenceEngine(model, options.Engine);
        try
        {
            return new(engine, variant, ownsEngine: true, ownsModel);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_ownsEngine)
        {
            Engine.Dispose();
        }

        if (_ownsModel)
        {
            Engine.Model.Dispose();
        }
    }
}

/// <summary>Loads a model by name. The first loading finds or fetches it, later ones use the file.</summary>
/// <param name="model">The model, which is not a path.</param>
/// <param name="options">The client's options.</param>
/// <param name="onVariant">Called with the variant once the file is there.</param>
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
