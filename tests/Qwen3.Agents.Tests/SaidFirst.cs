using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>Has a model's first answers replaced, where it cannot be brought to make a mistake by itself. It remembers what it was asked.</summary>
/// <param name="model">The model.</param>
/// <param name="answers">What it says first.</param>
internal sealed class SaidFirst(IChatClient model, params string[] answers) : DelegatingChatClient(model)
{
    private readonly Queue<string> _answers = new(answers);

    public List<ChatMessage[]> Requests { get; } = [];

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] asked = [.. messages];
        Requests.Add(asked);
        if (_answers.TryDequeue(out string? answer))
        {
            AIContent[] contents = [new TextReasoningContent("So be it."), new TextContent(answer)];
            yield return new(ChatRole.Assistant, contents) { MessageId = answer, FinishReason = ChatFinishReason.Stop };
            yield break;
        }

        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(asked, options, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }
}
