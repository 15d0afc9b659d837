using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;
using Qwen3.Chat;
using Qwen3.Chat.Responses;

namespace Qwen3.Remote;

/// <summary>
/// A Qwen3 model on a server (vLLM, SGLang, llama-server, LM Studio, Ollama, <c>Qwen3.Server</c>) as a chat client that behaves as
/// <see cref="Qwen3ChatClient"/> does.
/// </summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. Sampling that a request does not set is as the model's card advises, in the words of the server that answers; reasoning
/// and calls are read whether the server parses them or not, reasoning comes first, and goes back to the model in the steps of a tool loop. Calls of a
/// stream come at its end. How long an answer may be is for the server to say, unless the request does. What each server can do, and what not, is in
/// <c>docs/servers.md</c>.
/// </para>
/// <para>
/// A request that fails before the answer has begun is sent again, up to <see cref="Qwen3RemoteChatClientOptions.MaxRetries"/> times; an answer that
/// has begun is not. Cancellation, and leaving a stream, close the connection, by which servers notice it.
/// </para>
/// <para>
/// A <see cref="ChatOptions.RawRepresentationFactory"/> may return a <c>ChatCompletionOptions</c> of the OpenAI SDK, or, for Ollama, a
/// <c>ChatRequest</c> of OllamaSharp: what is set there, the former's <c>Patch</c> included, wins.
/// </para>
/// </remarks>
public sealed class Qwen3RemoteChatClient : IChatClient
{
    private readonly ServerChatClient _server;
    private readonly OllamaServerClient _ollama;
    private readonly Qwen3ResponseParsingChatClient _parser;
    private readonly ThinkingBudgets _budgets;
    private readonly HttpClient? _ownHttp;

    /// <summary>Creates a client of a server, with the defaults.</summary>
    /// <param name="endpoint">The server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</param>
    /// <param name="model">The model's name there, which says the variant.</param>
    /// <exception cref="OptionsValidationException">The address is no absolute one of HTTP, or has a name and password in it.</exception>
    /// <exception cref="ArgumentException">The model's name does not say which variant it is.</exception>
    public Qwen3RemoteChatClient(Uri endpoint, string model)
        : this(new() { Endpoint = endpoint, Model = model })
    {
    }

    /// <summary>Creates a client of a server. Nothing is sent before the first request.</summary>
    /// <param name="options">Where the server is, and how to treat its model; not to be changed any more.</param>
    /// <exception cref="OptionsValidationException">An option is missing or outside its range.</exception>
    /// <exception cref="ArgumentException">The model's name does not say which variant it is, and the options do not either.</exception>
    public Qwen3RemoteChatClient(Qwen3RemoteChatClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (new Qwen3RemoteChatClientOptionsValidator().Validate(name: null, options) is { Failed: true } wrong)
        {
            throw new OptionsValidationException("", typeof(Qwen3RemoteChatClientOptions), wrong.Failures);
        }

        Variant = options.Variant ?? ModelNames.Variant(options.Model!);
        Metadata = new("openai", options.Endpoint, options.Model);
        _ownHttp = options.HttpClient is null ? ServerResilience.CreateClient(options) : null;
        HttpClient http = options.HttpClient ?? _ownHttp!;
        var sdkOptions = new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            Transport = new HttpClientPipelineTransport(http),
            // The HTTP client has its own.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = options.Timeout,
        };
        if (options.ApiKey is null)
        {
            sdkOptions.AddPolicy(new WithoutKeyPolicy(), PipelinePosition.BeforeTransport);
        }

        var client = new OpenAI.Chat.ChatClient(options.Model, new ApiKeyCredential(options.ApiKey ?? "none"), sdkOptions);
        var failures = new ServerFailures(options);
        _ollama = new(http, options, failures);
        _server = new(client.AsIChatClient(), _ollama, options, Variant, new(http, options.Endpoint!, options.ApiKey, options.Timeout), failures);
        _parser = new(_server, VariantOf);
        _budgets = options.ThinkingBudgets;
    }

    /// <summary>Gets which variant the model is treated as.</summary>
    public Qwen3Variant Variant { get; }

    /// <summary>Gets which server answers, as it was told or found out; <see langword="null"/> before the first request.</summary>
    public ModelServer? Server => _server.Server;

    /// <summary>Gets the provider's name, the server's address and the model's name.</summary>
    public ChatClientMetadata Metadata { get; }

    /// <summary>Has the server answer a conversation.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling; the model's defaults where not set.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <returns>The response.</returns>
    /// <exception cref="ModelServerException">The server cannot be reached, refuses the request, or has no such model.</exception>
    /// <exception cref="NotSupportedException">A message or an option asks for something that the model cannot do.</exception>
    /// <exception cref="ArgumentException">An option is outside its range, or a call is required of a function that is not offered.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatResponse response = await _parser.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var filter = new AnswerFilter(options);
        foreach (ChatMessage message in response.Messages)
        {
            message.Contents = filter.Apply(message.Contents);
        }

        return response;
    }

    /// <summary>Has the server answer a conversation as the tokens come.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling; the model's defaults where not set.</param>
    /// <param name="cancellationToken">Closes the connection. Leaving the enumeration does too.</param>
    /// <returns>Updates with reasoning and text as they come, and the calls and the usage at the end.</returns>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var filter = new AnswerFilter(options);
        IAsyncEnumerable<ChatResponseUpdate> updates = _parser.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            update.Contents = filter.Apply(update.Contents);
            yield return update;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Beside this client there are its <see cref="ChatClientMetadata"/> and the OpenAI SDK's <c>ChatClient</c>.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(OpenAI.Chat.ChatClient) ? _server.GetService(serviceType)
            : null;
    }

    /// <summary>Closes the client's connections, unless its HTTP client is the caller's.</summary>
    public void Dispose()
    {
        _ollama.Dispose();
        _ownHttp?.Dispose();
    }

    /// <summary>
    /// An answer of a model that always thinks begins inside its reasoning, unless the server kept it from thinking; but a server that did not take the
    /// reasoning out holds the whole answer to the form.
    /// </summary>
    private Qwen3Variant VariantOf(ChatOptions? options) =>
        Variant == Qwen3Variant.Thinking && options?.ResponseFormat is not ChatResponseFormatJson && !(_budgets.Of(options) == 0 && _server.KeepsToBudgets)
            ? Qwen3Variant.Thinking
            : Qwen3Variant.Hybrid;
}
