using Qwen3.Chat.Constraints;
using Qwen3.Chat.Format;
using Qwen3.Chat.Models;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Hosting;

/// <summary>An engine with its model, and what a client needs of that model's vocabulary.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly bool _ownsEngine, _ownsModel;

    /// <param name="engine">The engine.</param>
    /// <param name="variant">What the model is treated as.</param>
    /// <param name="ownsEngine">Whether the engine is disposed with this.</param>
    /// <param name="ownsModel">Whether the model is, too.</param>
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
        ThinkingTokens = [Tokenizer.GetSpecialTokenId(ChatFormat.ThinkStart), Tokenizer.GetSpecialTokenId(ChatFormat.ThinkEnd)];
        ThinkingLimit = new()
        {
            StartToken = variant == Qwen3Variant.Hybrid ? ThinkingTokens[0] : null,
            EndToken = ThinkingTokens[1],
            Closing = Tokenizer.Encode($"{ChatFormat.BudgetClosing}{ChatFormat.ThinkEnd}\n\n", SpecialTokens.UserDefined),
        };
    }

    public InferenceEngine Engine { get; }

    public Qwen3Variant Variant { get; }

    public Tokenizer Tokenizer => Engine.Model.Tokenizer;

    public PromptTokenizer PromptTokenizer { get; }

    /// <summary>Whether another one is needed: the engine is this one's own, and somebody disposed it, or it failed.</summary>
    public bool IsLost => _ownsEngine && Engine.IsDisposed;

    public int[] StopTokens { get; }

    public int ToolCallToken { get; }

    /// <summary>The tags around the thinking.</summary>
    public int[] ThinkingTokens { get; }

    /// <summary>How thinking is closed; without a budget.</summary>
    public ThinkingLimit ThinkingLimit { get; }

    public GrammarCache Grammars { get; } = new();

    public static async Task<LoadedModel> LoadAsync(string path, Qwen3Variant variant, Qwen3ChatClientOptions options, CancellationToken cancellationToken)
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
    public static LoadedModel Create(LlamaModel model, Qwen3Variant variant, Qwen3ChatClientOptions options, bool ownsModel)
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
