using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>
/// Reads the reasoning and the calls that an inner client's server left in the text of its answers, and makes the ids
/// of calls unique.
/// </summary>
/// <param name="innerClient">The inner client.</param>
/// <param name="variant">Returns the variant that answers a request. Called once the answer has begun.</param>
internal sealed class Qwen3ResponseParsingChatClient(IChatClient innerClient, Func<ChatOptions?, Qwen3Variant> variant)
    : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        ChatResponse response =
            await base.GetResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        HashSet<string> toolNames = ToolNames(options);
        var ids = new UniqueCallIds(conversation);
        bool hasReadCalls = false;
        foreach (ChatMessage message in response.Messages)
        {
            if (message.Role != ChatRole.Assistant)
            {
                // Tool results.
                hasReadCalls = false;
                message.Contents = WithUniqueIds(message.Contents, ids);
                continue;
            }

            var reader = new ContentResponseReader(variant(options), toolNames);
            List<AIContent> contents = [];
            reader.Append(message.Contents, contents);
            reader.Complete(contents);
            hasReadCalls |= reader.HasReadCalls;
            // Coalescing removes the usage.
            message.Contents =
                WithUniqueIds([.. Qwen3Response.ToMessage(contents).Contents, .. contents.OfType<UsageContent>()], ids);
        }

        response.FinishReason = ContentResponseReader.Mend(response.FinishReason, hasReadCalls);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        HashSet<string> toolNames = ToolNames(options);
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        var ids = new UniqueCallIds(conversation);
        var reader = new UpdateReader(() => new(variant(options), toolNames));
        IAsyncEnumerable<ChatResponseUpdate> updates =
            base.GetStreamingResponseAsync(conversation, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            foreach (ChatResponseUpdate read in reader.Read(update))
            {
                yield return WithUniqueIds(read, ids);
            }
        }

        foreach (ChatResponseUpdate rest in reader.Complete())
        {
            yield return WithUniqueIds(rest, ids);
        }
    }

    private static List<AIContent> WithUniqueIds(IEnumerable<AIContent> contents, UniqueCallIds ids)
    {
        List<AIContent> unique = [.. contents];
        ids.Apply(unique);
        return unique;
    }

    private static ChatResponseUpdate WithUniqueIds(ChatResponseUpdate update, UniqueCallIds ids)
    {
        ChatResponseUpdate unique = update.Clone();
        unique.Contents = WithUniqueIds(update.Contents, ids);
        return unique;
    }

    /// <summary>Returns the names of the functions that can be called.</summary>
    private static HashSet<string> ToolNames(ChatOptions? options) =>
        options?.ToolMode is NoneChatToolMode ? [] : [.. (options?.Tools ?? []).Select(tool => tool.Name)];
}
