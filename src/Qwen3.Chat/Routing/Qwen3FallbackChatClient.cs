using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>Has a second client answer where the first one cannot: a pool where this machine's model is too busy, or the reverse.</summary>
/// <remarks>
/// <para>
/// The second one answers where the first one's queue is full, where its model does not fit into memory or the conversation into its context, where
/// it cannot be loaded or fails (any <see cref="LlamaException"/>), and where its server is unavailable
/// (<see cref="Qwen3Exception.IsTransient"/>, <see cref="HttpRequestException"/>). What is wrong with the request itself, and cancellation,
/// stay exceptions. A stream that has begun is not begun again.
/// </para>
/// <para>
/// <see cref="ChatResponse.ModelId"/> tells who answered. Nothing is remembered: each request tries the first one first, with its retries, which
/// whose number a remote client's options set. Where neither can answer, the second one's exception is thrown and the first
/// one's is logged. Safe for concurrent use if both are. Disposing it disposes neither.
/// </para>
/// </remarks>
public sealed partial class Qwen3FallbackChatClient : IChatClient
{
    private readonly ILogger _logger;

    /// <summary>Creates a client over two others.</summary>
    /// <param name="first">The client that answers where it can.</param>
    /// <param name="second">The client that answers otherwise.</param>
    /// <param name="loggerFactory">Where it is logged that the second one has to answer, and why; nowhere if <see langword="null"/>.</param>
    public Qwen3FallbackChatClient(IChatClient first, IChatClient second, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        First = first;
        Second = second;
        _logger = loggerFactory?.CreateLogger<Qwen3FallbackChatClient>() ?? NullLogger<Qwen3FallbackChatClient>.Instance;
    }

    /// <summary>Gets the client that answers where it can.</summary>
    public IChatClient First { get; }

    /// <summary>Gets the client that answers otherwise.</summary>
    public IChatClient Second { get; }

    /// <summary>Has the first client answer, or the second one.</summary>
    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        try
        {
            return await First.GetResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            LogFallback(e);
        }

        return await Second.GetResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the first client answer, or the second one, as the tokens come.</summary>
    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        IAsyncEnumerator<ChatResponseUpdate> updates =
            First.GetStreamingResponseAsync(conversation, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            bool hasNext;
            try
            {
                hasNext = await updates.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (IsUnavailable(e))
            {
                LogFallback(e);
                await updates.DisposeAsync().ConfigureAwait(false);
                updates = Second.GetStreamingResponseAsync(conversation, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                hasNext = await updates.MoveNextAsync().ConfigureAwait(false);
            }

            for (; hasNext; hasNext = await updates.MoveNextAsync().ConfigureAwait(false))
            {
                yield return updates.Current;
            }
        }
        finally
        {
            await updates.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <remarks>What is not this client itself comes from the first one, or else from the second.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : First.GetService(serviceType, serviceKey) ?? Second.GetService(serviceType, serviceKey);
    }

    /// <summary>Does nothing: the clients are the caller's.</summary>
    public void Dispose()
    {
    }

    private static bool IsUnavailable(Exception exception) =>
        exception is LlamaException or ModelServerException { IsTransient: true } or HttpRequestException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The first model cannot answer, so the second one does.")]
    private partial void LogFallback(Exception exception);
}
