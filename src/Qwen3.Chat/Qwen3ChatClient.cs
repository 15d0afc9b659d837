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

/// <summary>A Qwen3 model in this process as a chat client.</summary>
/// <remarks>
/// <para>All members are safe for concurrent use. Each request takes the whole conversation; the engine recognises what it has computed before.</para>
/// <para>
/// What a request does not set is as the model's card advises: temperature, top-p, top-k and min-p, and an answer of up to 16,384 tokens
/// (Instruct) or 32,768 (Thinking, Hybrid) where the context has room for it. <c>min_p</c> and <c>repetition_penalty</c> are read from
/// <see cref="ChatOptions.AdditionalProperties"/>; a <see cref="ChatOptions.RawRepresentationFactory"/> that returns a
/// <see cref="SamplingOptions"/> takes the place of the card's values. Stop sequences end the text of the answer and are not looked for in
/// the reasoning. <see cref="ChatOptions.ModelId"/> is not read: the model is the one that was loaded, and responses name it.
/// </para>
/// <para>
/// An answer has its reasoning first (<see cref="TextReasoningContent"/>), then text and calls in the order in which the model wrote them.
/// Without tools, or with <see cref="ChatToolMode.None"/>, the model cannot call a function. To have calls carried out, put
/// <c>FunctionInvokingChatClient</c> (<c>UseFunctionInvocation</c>) around this client. Results may come in any order: by their ids they are put
/// into that of the calls, which is how the model knows which is which.
/// </para>
/// <para>
/// What the model writes is held to a grammar where it has a form: from the tag of a call on to an offered function and its schema, with
/// <see cref="ChatToolMode.RequireAny"/> and <see cref="ChatToolMode.RequireSpecific"/> from the first token of the answer, and with a
/// <see cref="ChatOptions.ResponseFormat"/> of JSON as a whole. The reasoning is free. An answer that ends with
/// <see cref="ChatFinishReason.Length"/> is cut off and may be incomplete.
/// </para>
/// <para>
/// <see cref="ReasoningOptions.Effort"/> limits the thinking to one of the <see cref="ThinkingBudgets"/>, and <c>thinking_budget</c> in
/// <see cref="ChatOptions.AdditionalProperties"/> to a number of tokens; with 0 the model does not think. If the budget or the guard against
/// repetition ended it, the message has <c>thinking_end</c>, "budget" or "repetition", among its additional properties. With a
/// <see cref="ReasoningOptions.Output"/> of <see cref="ReasoningOutput.None"/> the reasoning is left out, and counted.
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

    /// <summary>Creates a client over an engine, which stays the caller's: disposing the client does not dispose it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">How to treat the model; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ModelFileException">The model has no chat template, and the options do not say which variant it is.</exception>
    /// <exception cref="KeyNotFoundException">The model's vocabulary is not that of Qwen3.</exception>
    public Qwen3ChatClient(InferenceEngine engine, Qwen3ChatClientOptions? options = null)
        : this((engine ?? throw new ArgumentNullException(nameof(engine))).Model.File, options ?? new(), variant => new(new LoadedModel(engine, variant)))
    {
    }

    private Qwen3ChatClient(LlamaModel model, Qwen3ChatClientOptions options)
        : this(model.File, options, variant => new(
            cancellationToken => Task.Run(() => LoadedModel.Create(model, variant, options, ownsModel: false), cancellationToken), options)) =>
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
            client => new(new NamedModel(model, options, variant => Volatile.Write(ref client._variant, (int)variant)).LoadAsync, options))
    {
    }

    private Qwen3ChatClient(string name, Qwen3Variant variant, Qwen3ChatClientOptions options, Func<Qwen3ChatClient, ModelSource> source)
    {
        _options = options;
        _logger = options.LoggerFactory?.CreateLogger<Qwen3ChatClient>() ?? NullLogger<Qwen3ChatClient>.Instance;
        _variant = (int)variant;
        Metadata = new(ProviderName, providerUri: null, options.ModelId ?? name);
        _source = source(this);
    }

    /// <summary>
    /// Gets which variant the model is treated as. Of a model by name that is in no catalogue it is what the name suggests until the model was found or
    /// fetched.
    /// </summary>
    public Qwen3Variant Variant => (Qwen3Variant)Volatile.Read(ref _variant);

    /// <summary>Gets the provider's and the model's name.</summary>
    public ChatClientMetadata Metadata { get; }

    private LlamaModel? Model => _sharedModel ?? _source.Loaded?.Engine.Model;

    internal ModelState State => _source.State;

    internal Exception? LoadFailure => _source.Failure;

    /// <summary>Loads a model and creates a client that owns it: disposing the client frees the model.</summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model.</param>
    /// <param name="options">How to load and treat it; the defaults if <see langword="null"/>.</param>
    /// <returns>The client.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, is damaged or truncated, holds another architecture, or llama.cpp refused it.</exception>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries are missing or do not fit.</exception>
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

    /// <summary>Loads a model without blocking the caller and creates a client that owns it: disposing the client frees the model.</summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model.</param>
    /// <param name="options">How to load and treat it; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the loading midway.</param>
    /// <returns>The client.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Qwen3ChatClient> LoadAsync(
        string path, Qwen3ChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        LoadAsync(LoadOnDemand(path, options), cancellationToken);

    /// <summary>Creates a client whose model is loaded by the first request and freed with the client, or by <see cref="Qwen3ChatClientOptions.UnloadAfter"/>.</summary>
    /// <param name="path">The GGUF file of a Qwen3-4B model, whose header is read now.</param>
    /// <param name="options">How to load and treat it; the defaults if <see langword="null"/>.</param>
    /// <returns>The client.</returns>
    /// <remarks>What the header does not show (a file that llama.cpp refuses, a context that does not fit into memory) is said by the first request.</remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, is damaged or truncated, or holds another architecture.</exception>
    public static Qwen3ChatClient LoadOnDemand(string path, Qwen3ChatClientOptions? options = null)
    {
        options ??= new();
        var file = ModelFile.Read(path);
        return new(file, options, variant => new(cancellationToken => LoadedModel.LoadAsync(file.Path, variant, options, cancellationToken), options));
    }

    /// <summary>Creates a client whose model is found on this machine or fetched, and loaded, by the first request.</summary>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="options">How to fetch, load and treat it; the defaults if <see langword="null"/>.</param>
    /// <returns>The client.</returns>
    /// <remarks>What goes wrong with finding and fetching (a <see cref="ModelFetchException"/>) is said by the first request.</remarks>
    public static Qwen3ChatClient LoadOnDemand(Qwen3Model model, Qwen3ChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Path is { } path ? LoadOnDemand(path, options) : new(model, options ?? new());
    }

    /// <summary>Finds a model on this machine or fetches it, loads it, and creates a client that owns it.</summary>
    /// <param name="model">The model, such as <see cref="Qwen3Models.Instruct2507"/>.</param>
    /// <param name="options">How to fetch, load and treat it; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the fetching, whose parts are kept for the next time, or the loading.</param>
    /// <returns>The client.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="ModelFetchException">The model is not on this machine and could not be fetched.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Qwen3ChatClient> LoadAsync(
        Qwen3Model model, Qwen3ChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        LoadAsync(LoadOnDemand(model, options), cancellationToken);

    /// <summary>Creates a client over a model that stays the caller's, with an engine of its own.</summary>
    internal static Qwen3ChatClient Over(LlamaModel model, Qwen3ChatClientOptions options) => new(model, options);

    /// <summary>Loads the model, if it is not there, before a request needs it.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the model is ready.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public async Task LoadModelAsync(CancellationToken cancellationToken = default)
    {
        await _source.RentAsync(cancellationToken).ConfigureAwait(false);
        _source.Return();
    }

    /// <summary>Answers a conversation.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling; the model's defaults where not set.</param>
    /// <param name="cancellationToken">Stops the computation, also while the prompt is computed.</param>
    /// <returns>The response, with one message, its usage and, as <see cref="ChatResponse.RawRepresentation"/>, the <see cref="GenerationResult"/>.</returns>
    /// <exception cref="NotSupportedException">A message or an option asks for something that this model or client cannot do.</exception>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, a call is required of a function that is not offered, or nothing can satisfy a schema.
    /// </exception>
    /// <exception cref="ContextLengthException">The conversation does not fit into the context.</exception>
    /// <exception cref="LlamaException">The model, where this is the first request, cannot be loaded, or llama.cpp failed.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, or its engine while it answered, or an engine of the caller's own before.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        response.RawRepresentation = updates[^1].RawRepresentation;
        return response;
    }

    /// <summary>Answers a conversation as the tokens come.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling; the model's defaults where not set.</param>
    /// <param name="cancellationToken">Stops the computation, also while the prompt is computed. Leaving the enumeration does too.</param>
    /// <returns>
    /// Updates with reasoning, text and calls, a call as soon as it is complete; the last one has the finish reason, the usage and, as
    /// <see cref="ChatResponseUpdate.RawRepresentation"/>, the <see cref="GenerationResult"/>.
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
    /// Returns this client, its <see cref="ChatClientMetadata"/> and, while the model is loaded, its <see cref="InferenceEngine"/>,
    /// <see cref="LlamaModel"/> and <see cref="Tokenizer"/>. Those three are <see langword="null"/> otherwise: call
    /// <see cref="LoadModelAsync"/> first. They cannot be used after the model was unloaded. If an engine that the client owns is
    /// disposed, it is unloaded with its model, and the next request loads both again.
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
    /// Frees the model if the client loaded it, and returns when it is freed. Answers under way, and a loading, end with an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <remarks>
    /// A report of <see cref="LlamaModelOptions.Progress"/> that is under way is waited for: where it waits for this thread in turn, as a window's
    /// may, use <see cref="DisposeAsync"/>.
    /// </remarks>
    public void Dispose() => _source.Dispose();

    /// <summary>Frees the model if the client loaded it, as <see cref="Dispose"/> does, without blocking a thread.</summary>
    /// <returns>A task that is completed when the model is freed.</returns>
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

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LoadedModel model = await RentAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await foreach (ChatResponseUpdate update in AnswerAsync(model, messages, options, cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            _source.Return();
        }
    }

    /// <summary>Has the model for a request, for whose fault an option of the model's own must not be taken.</summary>
    private async Task<LoadedModel> RentAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.RentAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new LlamaException($"The model cannot be loaded with the options that it was given: {e.Message}", e);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        LoadedModel model, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Tokenizer tokenizer = model.Tokenizer;
        int? budget = _options.ThinkingBudgets.Of(options);
        bool thinks = model.Variant != Qwen3Variant.Instruct && budget != 0;
        IReadOnlyList<int> prompt = Qwen3Prompt.Create(model.Variant, messages, options, _options.TrustToolDescriptions, thinks)
            .Tokenize(model.PromptTokenizer, cancellationToken);
        using Generation generation = model.Engine.Generate(
            new()
            {
                Prompt = prompt,
                Sampling = CreateSampling(model, messages, options, thinks),
                MaxTokens = options?.MaxOutputTokens ?? SamplingDefaults.MaxOutputTokens(model.Variant),
                StopTokens = model.StopTokens,
                Grammar = CreateGrammar(model, options, thinks),
                ThinkingLimit = thinks ? model.ThinkingLimit with { MaxTokens = budget, EndsRepetition = _options.RepetitionGuard } : null,
            },
            cancellationToken);

        // What does not think writes as Instruct does. For the engine the closing tag ends the thinking, whatever it stands in, and so it does here.
        var reader = new TokenResponseReader(
            tokenizer, thinks ? model.Variant : Qwen3Variant.Instruct, options?.Tools?.Select(tool => tool.Name).ToHashSet(), endsThinkingAtTag: true);
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

    private SamplingOptions CreateSampling(LoadedModel model, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, bool thinks)
    {
        SamplingOptions sampling = SamplingDefaults.Create(model.Variant, messages, options, thinks, this);
        IEnumerable<int> forbidden = options?.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode ? [] : [model.ToolCallToken];
        if (!thinks && model.Variant != Qwen3Variant.Instruct)
        {
            // It was trained to think, and would do so all the same now and then.
            forbidden = forbidden.Concat(model.ThinkingTokens);
        }

        Dictionary<int, float> biases = new(sampling.LogitBias ?? new Dictionary<int, float>());
        foreach (int token in forbidden)
        {
            biases[token] = float.NegativeInfinity;
        }

        return biases.Count == 0 ? sampling : sampling with { LogitBias = biases };
    }

    private Grammar? CreateGrammar(LoadedModel model, ChatOptions? options, bool thinks)
    {
        var shape = AnswerShape.Of(!thinks ? ThinkingStart.Nowhere : model.Variant == Qwen3Variant.Thinking ? ThinkingStart.InPrompt : ThinkingStart.InAnswer, options);
        return AnswerGrammar.Key(shape) is { } key ? model.Grammars.Get(key, () => new AnswerGrammar(model.Tokenizer, _logger).Create(shape)) : null;
    }
}
