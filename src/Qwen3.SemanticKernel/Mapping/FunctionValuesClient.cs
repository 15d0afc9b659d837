using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;
using FunctionResultContent = Microsoft.Extensions.AI.FunctionResultContent;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Stands between a model and what invokes a kernel's functions, and gives each the values in a form that it can read.</summary>
/// <remarks>
/// Semantic Kernel reads an enumeration from a string and not from JSON, and hands on what a function returns bit by bit as it is, which a
/// prompt cannot have.
/// </remarks>
internal sealed class FunctionValuesClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        await GatherResultsAsync(conversation, cancellationToken).ConfigureAwait(false);
        ChatResponse response = await base.GetResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        foreach (ChatMessage message in response.Messages)
        {
            FitArguments(message.Contents, options);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        await GatherResultsAsync(conversation, cancellationToken).ConfigureAwait(false);
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(conversation, options, cancellationToken).ConfigureAwait(false))
        {
            FitArguments(update.Contents, options);
            yield return update;
        }
    }

    private static ValueTask GatherResultsAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken) =>
        FunctionResults.GatherStreamsAsync(messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>(), cancellationToken);

    private static void FitArguments(IEnumerable<AIContent> contents, ChatOptions? options)
    {
        foreach (FunctionCallContent call in contents.OfType<FunctionCallContent>())
        {
            if (call.Arguments is null || options?.Tools?.FirstOrDefault(tool => tool.Name == call.Name) is not KernelFunction function)
            {
                continue;
            }

            foreach (KernelParameterMetadata parameter in function.Metadata.Parameters.Where(parameter => IsEnum(parameter.ParameterType)))
            {
                if (call.Arguments.TryGetValue(parameter.Name, out object? value) && value is JsonElement { ValueKind: JsonValueKind.String } text)
                {
                    call.Arguments[parameter.Name] = text.GetString();
                }
            }
        }
    }

    private static bool IsEnum(Type? type) => type is not null && (Nullable.GetUnderlyingType(type) ?? type).IsEnum;
}
