using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat.Constraints;
using Qwen3.Chat.Hosting;
using Qwen3.Chat.Models;
using Qwen3.Chat.Responses;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>A chat client for a Qwen3 model that runs in this process.</summary>
/// <remarks>
/// <para>
/// All members are safe for concurrent use. Each request takes the whole conversation; the engine computes only what it
/// has not computed before.
/// </para>
/// <para>
/// Settings that a request omits have the values that the model's card recommends: temperature, top-p, top-k, min-p,
/// and up to 16,384 output tokens (Instruct) or 32,768 (Thinking, Hybrid) where the context has room.
/// <see cref="Qwen3OptionNames"/> lists the settings that are read from <see cref="ChatOptions.AdditionalProperties"/>.
/// A <see cref="ChatOptions.RawRepresentationFactory"/> that returns <see cref="SamplingOptions"/> replaces the card's
/// values. Stop sequences apply to the text of the answer, not to the reasoning. <see cref="ChatOptions.ModelId"/> is
/// ignored: responses name the model that was loaded.
/// </para>
/// <para>
/// An answer consists of reasoning (<see cref="TextReasoningContent"/>), then text and tool calls in the order in which
/// the model wrote them. Without tools, or with <see cref="ChatToolMode.None"/>, the model cannot call a function. Wrap
/// this client in <c>FunctionInvokingChatClient</c> (<c>UseFunctionInvocation</c>) to invoke functions. Tool results
/// may come in any order: they are put into the order of their calls by id, because the model knows the order alone.
/// </para>
/// <para>
/// Tool calls are constrained to the offered functions and their schemas, from the tag that opens a call on. With
/// <see cref="ChatToolMode.RequireAny"/>, <see cref="ChatToolMode.RequireSpecific"/> or a
/// <see cref="ChatOptions.ResponseFormat"/> of JSON, the whole answer is constrained. Reasoning never is. An answer
/// that ends with <see cref="ChatFinishReason.Length"/> may be incomplete.
/// </para>
/// <para>
/// <see cref="ReasoningOptions.Effort"/> limits the reasoning to one of the <see cref="ThinkingBudgets"/>,
/// <see cref="Qwen3OptionNames.ThinkingBudget"/> to a number of tokens; 0 turns thinking off. If the budget or the
/// repetition guard ended the reasoning, the message has <see cref="Qwen3OptionNames.ThinkingEnd"/> among its
/// additional properties. With a <see cref="ReasoningOptions.Output"/> of <see cref="ReasoningOutput.None"/> the
/// reasoning is removed from the answer; its tokens are counted.
/// </para>
/// </remarks>
public sealed class Qwen3ChatClient : IChatClient, IAsyncDisposable
{
    private const string ProviderName = "llama.cpp";

    private readonly ModelSource _source;
    private readonly Qwen3ChatClientOptions _options;
    private readonly ILogger _logger;
    private readonly LlamaModel? _sharedModel;
    private int _variant;

    /// <summary>Initializes a new instance of the <see cref="Qwen3ChatClient"/> class over an engine.</summary>
    /// <param name="engine">The engine. The caller keeps ownership: disposing the client does not dispose it.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <exception cref="ModelFileException">
    /// The model has no chat template, and the options do not say which variant it is.
    /// </exception>
    /// <exception cref="KeyNotFoundException">The model's vocabulary is not that of Qwen3.</exception>
    public Qwen3ChatClient(InferenceEngine engine, Qwen3ChatClientOptions? options = null)
        : this(
            (engine ?? throw new ArgumentNullException(nameof(engine))).Model.File,
            options ?? new(),
            variant => new(new LoadedModel(engine, variant)))
    {
    }

    private Qwen3ChatClient(LlamaModel model, Qwen3ChatClientOptions options)
        : this(model.File, options, variant => new(CreateEngineAsync(model, variant, options), options)) =>
        _sharedModel = model;

    private Qwen3ChatClient(ModelFile file, Qwen3ChatClientOptions options, Func<Qwen3Variant, ModelSource> source)
        : this(file.Name, options.Variant ?? Qwen3Variants.Detect(file), options, client => source(client.Variant))
    {
    }

    private Qwen3ChatClient(Qwen3Model model, Qwen3ChatClientOptions options)
        : this(
            model.Name,
            options.Variant ?? model.Variant ?? Qwen3Variants.FromName(model.Name) ?? Qwen3Variant.Hybrid,
            options,
            client => new(new NamedModel(model, options, client.SetVariant).LoadAsync, options))
    {
    }

    private Qwen3ChatClient(
        string name, Qwen3Variant variant, Qwen3ChatClientOptions options, Func<Qwen3ChatClient, ModelSource> source)
    {
        _options = options;
        _logger = options.LoggerFactory?.CreateLogger<Qwen3ChatClient>() ?? NullLogger<Qwen3ChatClient>.Instance;
        _variant = (int)variant;
        Metadata = new(ProviderName, providerUri: null, options.ModelId ?? name);
        _source = source(this);
    }

    /// <summary>
    /// Gets the model's variant. For a model by name that is not in the catalogue, it is derived from the name until
    /// the model has been found or fetched.
    /// </summary>
    public Qwen3Variant Variant => (Qwen3Variant)Volatile.Read(ref _variant);

    /// <summary>Gets the names of the provider and the model.</summary>
    public ChatClientMetadata Metadata { get; }

    private LlamaModel? Model => _sharedModel ?? _source.Loaded?.Engine.Model;

    internal ModelState State => _source.State;

    internal Exception? LoadFailure => _source.Failure;

    /// <summary>Loads a model and returns a client that owns it: disposing the client frees the model.</summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The client.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelFileException">
    /// The file is not a GGUF file, is damaged or truncated, has another architecture, or was refused by llama.cpp.
    /// </exception>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries are missing or unusable.</exception>
    /// <exception cref="LlamaException">There is not enough memory for the context.</exception>
    public static Qwen3ChatClient Load(string path, Qwen3ChatClientOptions? options = null)
    {
        Qwen3ChatClient client = LoadOnDemand(path, options);
        try
        {
            client.LoadModelAsync().GetAwaiter().GetResult();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Loads a model asynchronously and returns a client that owns it: disposing the client frees the model.
    /// </summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    /// <returns>The client.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Qwen3ChatClient> LoadAsync(
        string path, Qwen3ChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        LoadAsync(LoadOnDemand(path, options), cancellationToken);

    /// <summary>Creates a client that loads its model with the first request.</summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model. Its header is read now.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The client.</returns>
    /// <remarks>
    /// The model is freed with the client, or by <see cref="Qwen3ChatClientOptions.UnloadAfter"/>. Errors that the
    /// header does not show, such as a context that does not fit into memory, are thrown by the first request.
    /// </remarks>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelFileException">
    /// The file is not a GGUF file, is damaged or truncated, has another architecture, or has no chat template.
    /// </exception>
    public static Qwen3ChatClient LoadOnDemand(string path, Qwen3ChatClientOptions? options = null)
    {
        options ??= new();
        var file = ModelFile.Read(path);
        return new(file, options, variant => new(
            cancellationToken => LoadedModel.LoadAsync(file.Path, variant, options, cancellationToken), options));
    }

    /// <summary>Creates a client that finds or fetches its model, and loads it, with the first request.</summary>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The client.</returns>
    /// <remarks>
    /// The first request throws a <see cref="ModelFetchException"/> if the model cannot be found or fetched.
    /// </remarks>
    public static Qwen3ChatClient LoadOnDemand(Qwen3Model model, Qwen3ChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Path is { } path ? LoadOnDemand(path, options) : new(model, options ?? new());
    }

    /// <summary>Finds a model on this machine or fetches it, loads it, and returns a client that owns it.</summary>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the fetching, which a later call resumes, or the loading.</param>
    /// <returns>The client.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="ModelFetchException">The model is not on this machine and could not be fetched.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Qwen3ChatClient> LoadAsync(
        Qwen3Model model, Qwen3ChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        LoadAsync(LoadOnDemand(model, options), cancellationToken);

    /// <summary>Creates a client with its own engine over a model that the caller owns.</summary>
    internal static Qwen3ChatClient Over(LlamaModel model, Qwen3ChatClientOptions options) => new(model, options);

    /// <summary>Loads the model, unless it is loaded.</summary>
    /// <param name="cancellationToken">Cancels the waiting, not the loading, which other requests may wait for.</param>
    /// <returns>A task that completes when the model is loaded.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public async Task LoadModelAsync(CancellationToken cancellationToken = default)
    {
        await _source.RentAsync(cancellationToken).ConfigureAwait(false);
        _source.Return();
    }

    /// <summary>Answers a conversation.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">
    /// The tools, limits and sampling, or <see langword="null"/> for the model's defaults.
    /// </param>
    /// <param name="cancellationToken">Cancels the request, also while the prompt is computed.</param>
    /// <returns>
    /// The response, with one message, its usage and, as <see cref="ChatResponse.RawRepresentation"/>, the
    /// <see cref="GenerationResult"/>.
    /// </returns>
    /// <exception cref="NotSupportedException">
    /// A message or an option requires what the model or the client does not support.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is out of range, a required function is not offered, or a schema is unsatisfiable.
    /// </exception>
    /// <exception cref="ContextLengthException">The conversation does not fit into the context.</exception>
    /// <exception cref="LlamaException">The model cannot be loaded, or llama.cpp failed.</exception>
    /// <exception cref="ObjectDisposedException">The client or its engine was disposed.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        IAsyncEnumerable<ChatResponseUpdate> stream = GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in stream.ConfigureAwait(false))
        {
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        response.RawRepresentation = updates[^1].RawRepresentation;
        return response;
    }

    /// <summary>Answers a conversation as a stream.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">
    /// The tools, limits and sampling, or <see langword="null"/> for the model's defaults.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the request, also while the prompt is computed. Disposing the enumerator cancels it as well.
    /// </param>
    /// <returns>
    /// Updates with reasoning, text and tool calls, each call as soon as it is complete. The last update has the finish
    /// reason, the usage and, as <see cref="ChatResponseUpdate.RawRepresentation"/>, the
    /// <see cref="GenerationResult"/>.
    /// </returns>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return AnswerAsync(messages as IReadOnlyCollection<ChatMessage> ?? [.. messages], options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Returns this client, its <see cref="ChatClientMetadata"/> and, while the model is loaded, its
    /// <see cref="InferenceEngine"/>, <see cref="LlamaModel"/> and <see cref="Tokenizer"/>. Those three are
    /// <see langword="null"/> otherwise: call <see cref="LoadModelAsync"/> first. They cannot be used after the model
    /// was unloaded. If an engine that the client owns is disposed, it is unloaded with its model, and the next request
    /// loads both again.
    /// </remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType == typeof(InferenceEngine) ? _source.Loaded?.Engine
            : serviceType == typeof(LlamaModel) ? Model
            : serviceType == typeof(Tokenizer) ? Model?.Tokenizer
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>
    /// Frees the model if the client loaded it, and returns when it is freed. Requests in progress, and a loading in
    /// progress, end with an <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <remarks>
    /// Waits for a call of <see cref="LlamaModelOptions.Progress"/> to return. Use <see cref="DisposeAsync"/> where
    /// that call waits for this thread, such as the thread of a window.
    /// </remarks>
    public void Dispose() => _source.Dispose();

    /// <summary>Frees the model if the client loaded it, without blocking a thread.</summary>
    /// <returns>A task that completes when the model is freed.</returns>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<Qwen3ChatClient> LoadAsync(Qwen3ChatClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.LoadModelAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Func<CancellationToken, Task<LoadedModel>> CreateEngineAsync(
        LlamaModel model, Qwen3Variant variant, Qwen3ChatClientOptions options) =>
        cancellationToken =>
            Task.Run(() => LoadedModel.Create(model, variant, options, ownsModel: false), cancellationToken);

    private void SetVariant(Qwen3Variant variant) => Volatile.Write(ref _variant, (int)variant);

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LoadedModel model = await RentAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IAsyncEnumerable<ChatResponseUpdate> updates = AnswerAsync(model, messages, options, cancellationToken);
            await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            _source.Return();
        }
    }

    /// <summary>
    /// Rents the model. An invalid option of the client is not an <see cref="ArgumentException"/> of the request.
    /// </summary>
    private async Task<LoadedModel> RentAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.RentAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new LlamaException($"The model cannot be loaded with the client's options: {e.Message}", e);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        LoadedModel model,
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Tokenizer tokenizer = model.Tokenizer;
        int? budget = _options.ThinkingBudgets.Of(options);
        bool thinks = model.Variant != Qwen3Variant.Instruct && budget != 0;
        IReadOnlyList<int> prompt = Qwen3Prompt
            .Create(model.Variant, messages, options, _options.TrustToolDescriptions, thinks)
            .Tokenize(model.PromptTokenizer, cancellationToken);
        using Generation generation = model.Engine.Generate(
            new()
            {
                Prompt = prompt,
                Sampling = CreateSampling(model, messages, options, thinks),
                MaxTokens = options?.MaxOutputTokens ?? SamplingDefaults.MaxOutputTokens(model.Variant),
                StopTokens = model.StopTokens,
                Grammar = CreateGrammar(model, options, thinks, cancellationToken),
                ThinkingLimit = thinks
                    ? model.ThinkingLimit with { MaxTokens = budget, EndsRepetition = _options.RepetitionGuard }
                    : null,
            },
            cancellationToken);

        // A model that does not think writes as Instruct does. The engine ends the thinking at the closing tag wherever
        // it is, so the reader does too.
        var reader = new TokenResponseReader(
            tokenizer,
            thinks ? model.Variant : Qwen3Variant.Instruct,
            options?.Tools?.Select(tool => tool.Name).ToHashSet(),
            endsThinkingAtTag: true);
        var answer = new AnswerUpdates(Metadata.DefaultModelId!, _options.Engine.TimeProvider.GetUtcNow());
        var filter = new AnswerFilter(options);
        var stops = new StopSequenceFilter(options?.StopSequences ?? []);
        List<AIContent> contents = [];
        int outputTokens = 0;
        bool isCut = false;
        await foreach (int token in generation.ConfigureAwait(false))
        {
            outputTokens++;
            reader.Append(token, contents);
            stops.Apply(contents);
            IList<AIContent> wanted = filter.Apply(contents);
            isCut = stops.IsFound || filter.IsComplete;
            contents = [];
            if (wanted.Count > 0)
            {
                yield return answer.Next(wanted);
            }

            if (isCut)
            {
                break;
            }
        }

        if (!isCut)
        {
            reader.Complete(contents);
            stops.Apply(contents);
            stops.Complete(contents);
        }

        cancellationToken.ThrowIfCancellationRequested();
        yield return answer.Last(
            filter.Apply(contents),
            new()
            {
                InputTokenCount = prompt.Count,
                CachedInputTokenCount = generation.CachedTokens,
                OutputTokenCount = outputTokens,
                ReasoningTokenCount = reader.ReasoningTokens,
                TotalTokenCount = prompt.Count + outputTokens,
            },
            isCut ? generation.Stop() : generation.Result,
            generation.ThinkingEnd);
    }

    private SamplingOptions CreateSampling(
        LoadedModel model, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, bool thinks)
    {
        SamplingOptions sampling = SamplingDefaults.Create(model.Variant, messages, options, thinks, this);
        IEnumerable<int> forbidden = options?.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode
            ? []
            : [model.ToolCallToken];
        if (!thinks && model.Variant != Qwen3Variant.Instruct)
        {
            // The model was trained to think and would still do so sometimes.
            forbidden = forbidden.Concat(model.ThinkingTokens);
        }

        Dictionary<int, float> biases = new(sampling.LogitBias ?? new Dictionary<int, float>());
        foreach (int token in forbidden)
        {
            biases[token] = float.NegativeInfinity;
        }

        return biases.Count == 0 ? sampling : sampling with { LogitBias = biases };
    }

    private Grammar? CreateGrammar(LoadedModel model, ChatOptions? options, bool thinks, CancellationToken cancellationToken)
    {
        ThinkingStart start = !thinks ? ThinkingStart.Nowhere
            : model.Variant == Qwen3Variant.Thinking ? ThinkingStart.InPrompt
            : ThinkingStart.InAnswer;
        var shape = AnswerShape.Of(start, options);
        return AnswerGrammar.Key(shape) is { } key
            ? model.Grammars.Get(key, () => new AnswerGrammar(model.Tokenizer, _logger).Create(shape, cancellationToken))
            : null;
    }
}
