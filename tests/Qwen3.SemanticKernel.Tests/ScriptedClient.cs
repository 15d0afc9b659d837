using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>
/// A client that answers its requests one after the other as it was told, and keeps what it was asked.
/// </summary>
internal sealed class ScriptedClient(params AIContent[][] answers) : IChatClient
{
    private int _next;

    public List<ChatMessage[]> Requests { get; } = [];

    /// <summary>The results of functions in the last request.</summary>
    public IEnumerable<FunctionResultContent> Results =>
        Requests[^1].SelectMany(message => message.Contents).OfType<FunctionResultContent>();

    public void Restart() => _next = 0;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        Requests.Add([.. messages]);
        string id = $"message {_next}";
        // Calls of its own each time, as clients mark those that were invoked.
        AIContent[] answer =
        [
            .. answers[_next++]
                .Select(content =>
                    content is FunctionCallContent call
                        ? new FunctionCallContent(call.CallId, call.Name, call.Arguments)
                        : content),
        ];
        yield return new(ChatRole.Assistant, answer) { MessageId = id };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
