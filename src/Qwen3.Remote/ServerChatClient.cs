using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat;
using Qwen3.Chat.Responses;

namespace Qwen3.Remote;

/// <summary>Says requests in the words of the server that answers, and mends its answers.</summary>
/// <param name="innerClient">Microsoft.Extensions.AI's client of the OpenAI SDK.</param>
/// <param name="ollama">Speaks instead of it where the server is Ollama.</param>
/// <param name="options">How to treat the model.</param>
/// <param name="variant">The model's variant.</param>
/// <param name="models">Asks the server about itself.</param>
/// <param name="failures">Says what goes wrong.</param>
internal sealed partial class ServerChatClient(
    IChatClient innerClient, IChatClient ollama, Qwen3RemoteChatClientOptions options, Qwen3Variant variant, ServerModels models, ServerFailures failures)
    : DelegatingChatClient(innerClient)
{
    private readonly ILogger _logger =
        options.LoggerFactory?.CreateLogger<Qwen3RemoteChatClient>() ?? NullLogger<Qwen3RemoteChatClient>.Instance;

    // In a box, as requests read it while others write it.
    private volatile object? _server = options.Server;
    private volatile bool _lacksToolParser, _lacksThinkingBudget;

    /// <summary>Which server answers; <see langword="null"/> before it was asked.</summary>
    public ModelServer? Server => (ModelServer?)_server;

    /// <summary>Whether the server ends the thinking at a budget, as far as is known.</summary>
    public bool KeepsToBudgets => Traits.ThinkingBudget.Count > 0;

    private ServerTraits Traits
    {
        get
        {
            var traits = ServerTraits.Of(Server ?? ModelServer.Other);
            return _lacksThinkingBudget ? traits with { ThinkingBudget = [] } : traits;
        }
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        ChatResponse response = await TryAsync(
            (client, request) => client.GetResponseAsync(request.Messages, request.Options, cancellationToken), conversation, options, cancellationToken)
            .ConfigureAwait(false);
        ServerAnswers.Mend(response);
        response.FinishReason = ContentResponseReader.Mend(response.FinishReason, response.Messages.Any(message => HasCall(message.Contents)));
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        try
        {
            bool hasNext = await TryAsync(
                (client, request) =>
                {
                    updates = client.GetStreamingResponseAsync(request.Messages, request.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    return updates.MoveNextAsync().AsTask();
                },
                conversation,
                options,
                cancellationToken).ConfigureAwait(false);
            var calls = new UnreadCalls();
            bool isComplete = false, hasCalls = false;
            while (hasNext)
            {
                ChatResponseUpdate update = updates!.Current;
                if (ServerAnswers.Error(update) is { } error)
                {
                    throw failures.BrokenOff(error);
                }

                ServerAnswers.Mend(update, calls);
                hasCalls |= HasCall(update.Contents);
                update.FinishReason = ContentResponseReader.Mend(update.FinishReason, hasCalls);
                isComplete |= update.FinishReason is not null;
                yield return update;
                hasNext = await NextAsync(updates, cancellationToken).ConfigureAwait(false);
            }

            // OllamaSharp ends a stream that is cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            if (!isComplete)
            {
                throw failures.BrokenOff(null);
            }
        }
        finally
        {
            if (updates is not null)
            {
                await updates.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<(IChatClient Client, ServerRequest Request)> RequestAsync(
        IReadOnlyCollection<ChatMessage> messages, ChatOptions? own, CancellationToken cancellationToken)
    {
        try
        {
            if (_server is null && await models.DetectAsync(options.Model!, cancellationToken).ConfigureAwait(false) is { } found)
            {
                _server = found;
            }
        }
        catch (Exception e) when (failures.Of(e, hasBegun: false, cancellationToken) is { } failure)
        {
            throw failure;
        }

        bool isKept = variant == Qwen3Variant.Instruct || KeepsToBudgets;
        // Nought is no thinking at all, which the hybrid can be told otherwise.
        if (!isKept && options.ThinkingBudgets.Of(own) is { } budget && (budget > 0 || variant == Qwen3Variant.Thinking))
        {
            LogThinkingBudget(options.Endpoint, budget);
        }

        return Server == ModelServer.Ollama
            ? (ollama, OllamaChatRequest.Create(options, variant, messages, own, this))
            : (InnerClient, ServerRequest.Create(Traits, variant, options.ThinkingBudgets, messages, own, this, hasToolParser: !_lacksToolParser));
    }

    private static bool HasCall(IEnumerable<AIContent> contents) => contents.Any(content => content is FunctionCallContent);

    /// <summary>Sends a request, and again without asking for what the server is found not to do.</summary>
    private async Task<T> TryAsync<T>(
        Func<IChatClient, ServerRequest, Task<T>> send, IReadOnlyCollection<ChatMessage> messages, ChatOptions? own, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Of several requests side by side each may be the first to hear of it.
            (bool wantsToolParser, bool wantsThinkingBudget) = (!_lacksToolParser, !_lacksThinkingBudget);
            (IChatClient client, ServerRequest request) = await RequestAsync(messages, own, cancellationToken).ConfigureAwait(false);
            try
            {
                return await send(client, request).ConfigureAwait(false);
            }
            catch (Exception e) when (wantsToolParser && ServerFailures.LacksToolParser(e))
            {
                _lacksToolParser = true;
            }
            catch (Exception e) when (wantsThinkingBudget && ServerFailures.LacksThinkingBudget(e))
            {
                _lacksThinkingBudget = true;
            }
            catch (Exception e) when (failures.Of(e, hasBegun: false, cancellationToken) is { } failure)
            {
                throw failure.StatusCode == HttpStatusCode.NotFound ? await NotFoundAsync(failure, cancellationToken).ConfigureAwait(false) : failure;
            }
        }
    }

    /// <summary>Says whether it is the model that was not found.</summary>
    private async Task<ModelServerException> NotFoundAsync(ModelServerException refusal, CancellationToken cancellationToken)
    {
        try
        {
            return await models.NoSuchModelAsync(options.Model!, cancellationToken).ConfigureAwait(false) ?? refusal;
        }
        catch (Exception e) when (failures.Of(e, hasBegun: false, cancellationToken) is not null)
        {
            return refusal;
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (failures.Of(e, hasBegun: true, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The server at {Endpoint} cannot limit the thinking, so the budget of {Budget} tokens is not kept to.")]
    private partial void LogThinkingBudget(Uri? endpoint, int budget);
}
