using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Qwen3.Chat;
using Qwen3.Chat.Responses;

namespace Qwen3.Remote;

/// <summary>
/// A chat client of a Qwen3 model on a server (vLLM, SGLang, llama-server, LM Studio, Ollama, <c>Qwen3.Server</c>) that
/// behaves like <see cref="Qwen3ChatClient"/>.
/// </summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. Sampling that a request does not set follows the model card. Reasoning and tool calls are
/// read whether or not the server parses them. Reasoning comes first, and is sent back to the model within a tool loop.
/// Call ids are unique in a conversation: an id that a server leaves out or repeats is replaced. The tool calls of a
/// stream come at its end. Without <see cref="ChatOptions.MaxOutputTokens"/> the server limits the length of an answer.
/// <c>docs/servers.md</c> lists what each server supports.
/// </para>
/// <para>
/// A request that fails before its answer begins is sent again, up to
/// <see cref="Qwen3RemoteChatClientOptions.MaxRetries"/> times. An answer that has begun is not requested again.
/// Cancellation, and leaving a stream, close the connection, which makes servers stop.
/// </para>
/// <para>
/// <see cref="ChatOptions.RawRepresentationFactory"/> can return a <see cref="JsonObject"/> of extra body fields, which
/// win over everything else. The raw representation of responses and updates is the server's JSON, a
/// <see cref="JsonElement"/>.
/// </para>
/// </remarks>
public sealed class Qwen3RemoteChatClient : IChatClient
{
    private readonly ServerChatClient _server;
    private readonly Qwen3ResponseParsingChatClient _parser;
    private readonly HttpClient? _ownHttp;

    /// <summary>
    /// Initializes a new instance of the <see cref="Qwen3RemoteChatClient"/> class with default options.
    /// </summary>
    /// <param name="endpoint">The server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</param>
    /// <param name="model">The model's name on the server, from which the variant is read.</param>
    /// <exception cref="OptionsValidationException">
    /// The address is not an absolute HTTP address, or contains a user name and password.
    /// </exception>
    /// <exception cref="ArgumentException">The model's name does not say the variant.</exception>
    public Qwen3RemoteChatClient(Uri endpoint, string model)
        : this(new() { Endpoint = endpoint, Model = model })
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="Qwen3RemoteChatClient"/> class. Nothing is sent before the first
    /// request.
    /// </summary>
    /// <param name="options">The server, the model and the limits. Do not change the object afterwards.</param>
    /// <exception cref="OptionsValidationException">An option is missing or outside its range.</exception>
    /// <exception cref="ArgumentException">Neither the options nor the model's name say the variant.</exception>
    public Qwen3RemoteChatClient(Qwen3RemoteChatClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (new Qwen3RemoteChatClientOptionsValidator().Validate(name: null, options) is { Failed: true } wrong)
        {
            throw new OptionsValidationException("", typeof(Qwen3RemoteChatClientOptions), wrong.Failures);
        }

        Variant = options.Variant ?? Qwen3Variants.FromName(options.Model!) ?? throw new ArgumentException(
            $"The model's name '{options.Model}' does not say the Qwen3 variant. " +
            $"Set {nameof(Qwen3RemoteChatClientOptions)}.{nameof(options.Variant)}.",
            nameof(options));
        Metadata = new("openai", options.Endpoint, options.Model);
        _ownHttp = options.HttpClient is null ? ServerResilience.CreateClient(options) : null;
        _server = new(options.HttpClient ?? _ownHttp!, options, Variant);
        // Where an answer begins inside its reasoning the server client writes the opening tag that the prompt has.
        _parser = new(_server, _ => Qwen3Variant.Hybrid);
    }

    /// <summary>Gets the variant that the model is treated as.</summary>
    public Qwen3Variant Variant { get; }

    /// <summary>Gets the server, as configured or detected; <see langword="null"/> before the first request.</summary>
    public ModelServer? Server => _server.Server;

    /// <summary>Gets the provider's name, the server's address and the model's name.</summary>
    public ChatClientMetadata Metadata { get; }

    /// <summary>Requests an answer to a conversation.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling. The default is the model's own.</param>
    /// <param name="cancellationToken">Cancels the request and closes the connection.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ModelServerException">
    /// The server cannot be reached, refuses the request, lacks the model, or sends an unreadable answer.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// A message or an option asks for something that the model cannot do.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, or a function is required that is not offered.
    /// </exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatResponse response = await _parser.GetResponseAsync(messages, options, cancellationToken)
            .ConfigureAwait(false);
        var filter = new AnswerFilter(options);
        foreach (ChatMessage message in response.Messages)
        {
            message.Contents = filter.Apply(message.Contents);
        }

        return response;
    }

    /// <summary>Requests an answer to a conversation as a stream.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">Tools, limits and sampling. The default is the model's own.</param>
    /// <param name="cancellationToken">
    /// Cancels the request and closes the connection, as leaving the enumeration does.
    /// </param>
    /// <returns>Updates with reasoning and text as they arrive. The calls and the usage come at the end.</returns>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var filter = new AnswerFilter(options);
        IAsyncEnumerable<ChatResponseUpdate> updates =
            _parser.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            update.Contents = filter.Apply(update.Contents);
            yield return update;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Returns this client or its <see cref="ChatClientMetadata"/>.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>
    /// Closes the client's connections. The caller's <see cref="Qwen3RemoteChatClientOptions.HttpClient"/> stays open.
    /// </summary>
    public void Dispose() => _ownHttp?.Dispose();
}
