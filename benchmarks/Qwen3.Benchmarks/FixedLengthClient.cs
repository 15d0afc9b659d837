using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Benchmarks;

/// <summary>Has each answer be of the same length, and counts it as one that came to its end.</summary>
internal sealed class FixedLengthClient(IChatClient client, int tokens) : DelegatingChatClient(client)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options = options?.Clone() ?? new();
        options.MaxOutputTokens = tokens;
        options.Seed = 1;
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            update.FinishReason = update.FinishReason is null ? null : ChatFinishReason.Stop;
            yield return update;
        }
    }
}
