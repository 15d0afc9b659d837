using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>
/// A chat client that asks a second client when the first one cannot answer, such as a server when the local model is
/// too busy.
/// </summary>
/// <remarks>
/// <para>
/// The second client answers when the first one's request queue is full, when its model cannot be found, fetched or
/// loaded, does not fit into memory, fails, or has a context too small for the conversation (any
/// <see cref="Qwen3Exception"/>, and I/O errors), and when its server cannot be reached, is overloaded or fails
/// (<see cref="ModelServerException"/> with <see cref="Qwen3Exception.IsTransient"/>,
/// <see cref="HttpRequestException"/>). Errors that every client would report stay exceptions: invalid arguments,
/// unsupported contents, a schema that is too complex, a request that a server refuses, and cancellation. A stream that
/// has begun is not repeated.
/// </para>
/// <para>
/// <see cref="ChatResponse.ModelId"/> tells which client answered. Every request asks the first client first, which can
/// take the time of its retries. When neither can answer, the second client's exception is thrown and the first one's
/// is logged. Safe for concurrent use if both clients are. Disposing it disposes neither.
/// </para>
/// </remarks>
public sealed partial class Qwen3FallbackChatClient : IChatClient
{
    private readonly ILogger _logger;

    /// <summary>Initializes a new instance of the <see cref="Qwen3FallbackChatClient"/> class.</summary>
    /// <param name="first">The client to ask first.</param>
    /// <param name="second">The client to ask when the first one cannot answer.</param>
    /// <param name="loggerFactory">Logs why the second client is asked; <see langword="null"/> for no logging.</param>
    public Qwen3FallbackChatClient(IChatClient first, IChatClient second, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        First = first;
        Second = second;
        _logger = loggerFactory?.CreateLogger<Qwen3FallbackChatClient>() ??
            NullLogger<Qwen3FallbackChatClient>.Instance;
    }

    /// <summary>Gets the client that is asked first.</summary>
    public IChatClient First { get; }

    /// <summary>Gets the client that is asked when the first one cannot answer.</summary>
    public IChatClient Second { get; }

    /// <summary>Requests an answer from the first client that can give one.</summary>
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
        catch (Exception e) when (CanFallBack(e, cancellationToken))
        {
            LogFallback(e);
        }

        return await Second.GetResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Requests a streamed answer from the first client that can give one.</summary>
    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        IAsyncEnumerator<ChatResponseUpdate> updates = Stream(First);
        try
        {
            bool hasNext;
            try
            {
                hasNext = await updates.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (CanFallBack(e, cancellationToken))
            {
                LogFallback(e);
                await updates.DisposeAsync().ConfigureAwait(false);
                updates = Stream(Second);
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

        IAsyncEnumerator<ChatResponseUpdate> Stream(IChatClient client) =>
            client.GetStreamingResponseAsync(conversation, options, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Services other than this client come from the first client, or else from the second one.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : First.GetService(serviceType, serviceKey) ?? Second.GetService(serviceType, serviceKey);
    }

    /// <summary>Does nothing: the caller owns both clients.</summary>
    public void Dispose()
    {
    }

    private static bool CanFallBack(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception switch
        {
            GrammarComplexityException => false,
            ModelServerException server => server.IsTransient,
            Qwen3Exception => true,
            // A file that is not there or cannot be read, and a server that a client of another kind cannot reach.
            IOException or UnauthorizedAccessException or HttpRequestException => true,
            _ => false,
        };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The first chat client cannot answer; asking the second one.")]
    private partial void LogFallback(Exception exception);
}
