using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the reasoning and the calls that an inner client's server left in the text of its answers.</summary>
/// <param name="innerClient">The client.</param>
/// <param name="variant">The variant that writes the answer to a request, asked for when that has begun.</param>
internal sealed class Qwen3ResponseParsingChatClient(IChatClient innerClient, Func<ChatOptions?, Qwen3Variant> variant) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        HashSet<string> toolNames = ToolNames(options);
        bool hasReadCalls = false;
        foreach (ChatMessage message in response.Messages)
        {
            if (message.Role != ChatRole.Assistant)
            {
                // The results of the calls so far.
                hasReadCalls = false;
                continue;
            }

            var reader = new ContentResponseReader(variant(options), toolNames);
            List<AIContent> contents = [];
            reader.Append(message.Contents, contents);
            reader.Complete(contents);
            hasReadCalls |= reader.HasReadCalls;
            // Joining is for answers, and takes their usage out.
            message.Contents = [.. Qwen3Response.ToMessage(contents).Contents, .. contents.OfType<UsageContent>()];
        }

        response.FinishReason = ContentResponseReader.Mend(response.FinishReason, hasReadCalls);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        HashSet<string> toolNames = ToolNames(options);
        var reader = new UpdateReader(() => new(variant(options), toolNames));
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            foreach (ChatResponseUpdate read in reader.Read(update))
            {
                yield return read;
            }
        }

        foreach (ChatResponseUpdate rest in reader.Complete())
        {
            yield return rest;
        }
    }

    /// <summary>The functions that may be called.</summary>
    private static HashSet<string> ToolNames(ChatOptions? options) =>
        options?.ToolMode is NoneChatToolMode ? [] : [.. (options?.Tools ?? []).Select(tool => tool.Name)];
}
