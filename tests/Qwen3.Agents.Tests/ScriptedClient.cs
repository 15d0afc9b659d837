using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>A client of another vendor, whose answers are written by the test.</summary>
internal sealed class ScriptedClient(Func<IReadOnlyList<ChatMessage>, IList<AIContent>> answer) : IChatClient
{
    /// <summary>Creates a client that answers each request with the same text.</summary>
    public static ScriptedClient Saying(string text) => new(_ => [new TextContent(text)]);

    /// <summary>Creates a client that answers with a plan of independent steps with the given tasks.</summary>
    public static ScriptedClient Planning(params string[] tasks) =>
        Saying(new Plan("", [.. tasks.Select((task, index) => new PlanStep(index + 1, task, []))]).ToJson());

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        foreach (AIContent content in answer([.. messages]))
        {
            yield return new(ChatRole.Assistant, [content]);
        }

        yield return new(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
