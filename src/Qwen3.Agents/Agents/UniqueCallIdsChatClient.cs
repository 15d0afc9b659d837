using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Replaces the ids of tool calls by new ones that never repeat.</summary>
/// <remarks>
/// The ids of a model, a server or another client may be empty, missing, or the same for two calls of one answer or of
/// different answers. Approvals, results and checkpoints are keyed by them, so an id that repeats would let a person's
/// approval of one call execute another one.
/// </remarks>
internal sealed class UniqueCallIdsChatClient(IChatClient client) : DelegatingChatClient(client)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response =
            await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        response.Messages = [.. response.Messages.Select(message =>
        {
            message = message.Clone();
            message.Contents = WithUniqueIds(message.Contents);
            return message;
        })];
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .ConfigureAwait(false))
        {
            ChatResponseUpdate unique = update.Clone();
            unique.Contents = WithUniqueIds(update.Contents);
            yield return unique;
        }
    }

    private static List<AIContent> WithUniqueIds(IEnumerable<AIContent> contents) => [.. contents.Select(content =>
        content is FunctionCallContent { InformationalOnly: false } call
            ? new FunctionCallContent($"call_{Guid.NewGuid():N}", call.Name, call.Arguments)
            {
                Exception = call.Exception,
                Annotations = call.Annotations,
                AdditionalProperties = call.AdditionalProperties,
                RawRepresentation = call.RawRepresentation ?? call,
            }
            : content)];
}
