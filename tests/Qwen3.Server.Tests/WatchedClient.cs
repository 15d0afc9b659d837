using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Server.Tests;

/// <summary>Stands for a model whose tokens come when the test lets them, and tells what the server does with it.</summary>
internal sealed class WatchedClient : IChatClient
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is said before it waits for <see cref="GoOn"/>.</summary>
    public string? Beginning { get; init; }

    /// <summary>What is thrown when it goes on.</summary>
    public Exception? Failure { get; init; }

    public ChatOptions? Options { get; private set; }

    public List<ChatMessage> Messages { get; private set; } = [];

    public Task Asked => _asked.Task;

    /// <summary>Ends when the server has left the answer, to the end or before.</summary>
    public Task Ended => _ended.Task;

    public bool WasCancelled { get; private set; }

    public void GoOn() => _goOn.TrySetResult();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (Messages, Options) = ([.. messages], options);
        try
        {
            if (Beginning is not null)
            {
                yield return new(ChatRole.Assistant, Beginning);
            }

            _asked.TrySetResult();
            try
            {
                await _goOn.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                WasCancelled = true;
                throw;
            }

            yield return Failure is null ? new(ChatRole.Assistant, "The end.") : throw Failure;
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
