using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests;

/// <summary>Stands for the client of somebody else's server: answers as it was told to, and remembers what it was asked.</summary>
internal sealed class ScriptedChatClient(string modelId = "scripted") : IChatClient
{
    public Queue<ChatResponse> Responses { get; } = [];

    /// <summary>The stream of each request; the pieces of the next response if there are none.</summary>
    public IReadOnlyList<ChatResponseUpdate>? Updates { get; init; }

    public List<ChatMessage[]> Requests { get; } = [];

    public List<ChatOptions?> Options { get; } = [];

    public bool IsDisposed { get; private set; }

    public bool IsStreamLeft { get; private set; }

    public static ScriptedChatClient Answering(params ChatResponse[] responses)
    {
        var client = new ScriptedChatClient();
        Array.ForEach(responses, client.Responses.Enqueue);
        return client;
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Requests.Add([.. messages]);
        Options.Add(options);
        return Task.FromResult(Responses.Count > 0 ? Responses.Dequeue() : new(new ChatMessage(ChatRole.Assistant, "ok")));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IEnumerable<ChatResponseUpdate> updates = Updates ?? (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates();
        try
        {
            foreach (ChatResponseUpdate update in updates)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return update;
            }
        }
        finally
        {
            IsStreamLeft = true;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("server", new("http://server:8000"), modelId)
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => IsDisposed = true;
}
