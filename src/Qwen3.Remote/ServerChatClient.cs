using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote;

/// <summary>
/// Sends requests in the protocol of the server, and reads its answers. Tags in the text and the ids of calls are left
/// to the response parser.
/// </summary>
internal sealed partial class ServerChatClient : IChatClient
{
    private readonly Qwen3RemoteChatClientOptions _options;
    private readonly Qwen3Variant _variant;
    private readonly ServerErrors _errors;
    private readonly ServerConnection _connection;
    private readonly ServerModels _models;
    private readonly ServerState _state = new();
    private readonly Uri _completions;
    private readonly ILogger _logger;

    // Boxed, as requests read it while others write it.
    private volatile object? _server;

    public ServerChatClient(HttpClient http, Qwen3RemoteChatClientOptions options, Qwen3Variant variant)
    {
        (_options, _variant, _server) = (options, variant, options.Server);
        _errors = new(options);
        _connection = new(http, options, _errors);
        _models = new(_connection, options.Endpoint!, _errors);
        _completions = new($"{options.Endpoint!.AbsoluteUri.TrimEnd('/')}/chat/completions");
        _logger = options.LoggerFactory?.CreateLogger<Qwen3RemoteChatClient>() ??
            NullLogger<Qwen3RemoteChatClient>.Instance;
    }

    /// <summary>Gets the server; <see langword="null"/> before it was asked.</summary>
    public ModelServer? Server => (ModelServer?)_server;

    private ServerCapabilities Capabilities
    {
        get
        {
            var capabilities = ServerCapabilities.For(Server ?? ModelServer.Other);
            return _state.LacksThinkingBudget ? capabilities with { ThinkingBudget = [] } : capabilities;
        }
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        List<AIContent> contents = [];
        ChatResponseUpdate? last = null;
        object? raw = null;
        IAsyncEnumerable<ChatResponseUpdate> updates =
            AnswerAsync(conversation, options, isStreamed: false, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            contents.AddRange(update.Contents);
            raw ??= update.RawRepresentation;
            last = update;
        }

        UsageContent? usage = contents.OfType<UsageContent>().FirstOrDefault();
        contents.RemoveAll(content => content is UsageContent);
        return new(new ChatMessage(ChatRole.Assistant, contents)
        {
            MessageId = last!.MessageId,
            RawRepresentation = raw,
        })
        {
            ResponseId = last.ResponseId,
            ModelId = last.ModelId,
            CreatedAt = last.CreatedAt,
            FinishReason = last.FinishReason,
            Usage = usage?.Details,
            RawRepresentation = raw,
        };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        return AnswerAsync(conversation, options, isStreamed: true, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        bool isStreamed,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using ServerResponse response = await SendAsync(messages, options, isStreamed, cancellationToken)
            .ConfigureAwait(false);
        bool thinks = _options.ThinkingBudgets.Of(options) != 0;
        var separator = new ThinkingSeparator(
            _variant == Qwen3Variant.Thinking, thinks, options?.ResponseFormat is ChatResponseFormatJson, _state);
        var reader = new AnswerReader(isStreamed, _options.Model!, separator, _errors);
        while (await NextAsync(response, cancellationToken).ConfigureAwait(false) is { } json)
        {
            yield return reader.Read(json);
        }

        yield return reader.Complete(response.Events);
    }

    private async Task<JsonElement?> NextAsync(ServerResponse response, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await response.Events.ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (_errors.Map(e, hasBegun: true, cancellationToken) is { } error)
        {
            throw error;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Sends a request, and again without what the server turns out not to support.</summary>
    private async Task<ServerResponse> SendAsync(
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        bool isStreamed,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            // Of several requests side by side each may be the first to be refused.
            (bool wantsToolParser, bool wantsThinkingBudget) = (!_state.LacksToolParser, !_state.LacksThinkingBudget);
            try
            {
                // Another request may find out meanwhile what this one does not.
                _server = _server is null
                    ? await _models.DetectAsync(_options.Model!, cancellationToken).ConfigureAwait(false) ?? _server
                    : _server;

                (Uri address, string body) = Request(messages, options, isStreamed);
                return await _connection.PostAsync(address, body, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (wantsToolParser && ServerErrors.LacksToolParser(e))
            {
                _state.LacksToolParser = true;
            }
            catch (Exception e) when (wantsThinkingBudget && ServerErrors.LacksThinkingBudget(e))
            {
                _state.LacksThinkingBudget = true;
            }
            catch (Exception e) when (_errors.Map(e, hasBegun: false, cancellationToken) is { } error)
            {
                throw error.StatusCode == HttpStatusCode.NotFound
                    ? await NotFoundAsync(error, cancellationToken).ConfigureAwait(false)
                    : error;
            }
        }
    }

    private (Uri Address, string Body) Request(
        IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, bool isStreamed)
    {
        ServerCapabilities capabilities = Capabilities;
        bool keepsBudget = _variant == Qwen3Variant.Instruct || capabilities.ThinkingBudget.Count > 0;
        // The hybrid can be told otherwise not to think at all.
        if (!keepsBudget && _options.ThinkingBudgets.Of(options) is { } budget &&
            (budget > 0 || _variant == Qwen3Variant.Thinking))
        {
            LogThinkingBudget(_options.Endpoint, budget);
        }

        object? raw = options?.RawRepresentationFactory?.Invoke(this);
        var extra = raw as JsonObject;
        if (raw is not (null or JsonObject or SamplingOptions))
        {
            LogRawRepresentation(raw.GetType());
        }

        if (Server == ModelServer.Ollama)
        {
            return (
                OllamaRequest.Address(_options.Endpoint!, "api/chat"),
                OllamaRequest.Create(_options, _variant, messages, options, extra, this, isStreamed));
        }

        var request = new OpenAIRequest(capabilities, _variant, _options.ThinkingBudgets)
        {
            HasToolParser = !_state.LacksToolParser,
        };
        return (_completions, request.Create(_options.Model!, messages, options, extra, this, isStreamed));
    }

    /// <summary>Finds out whether it is the model that was not found.</summary>
    private async Task<ModelServerException> NotFoundAsync(
        ModelServerException refusal, CancellationToken cancellationToken)
    {
        try
        {
            return await _models.NoSuchModelAsync(_options.Model!, cancellationToken).ConfigureAwait(false) ?? refusal;
        }
        catch (Exception e) when (_errors.Map(e, hasBegun: false, cancellationToken) is not null)
        {
            return refusal;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The server at {Endpoint} cannot limit the thinking; the budget of {Budget} tokens has no effect.")]
    private partial void LogThinkingBudget(Uri? endpoint, int budget);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "ChatOptions.RawRepresentationFactory returned a {Type}, which is ignored. " +
            "Return a JsonObject with extra body fields.")]
    private partial void LogRawRepresentation(Type type);
}
