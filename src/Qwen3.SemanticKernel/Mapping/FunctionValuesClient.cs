using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Qwen3.LlamaCpp;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>
/// Stands between a model and the client that invokes functions, and converts arguments and results for each of them.
/// </summary>
internal sealed class FunctionValuesClient : DelegatingChatClient
{
    private readonly FunctionResults _results;

    public FunctionValuesClient(IChatClient innerClient, ILoggerFactory loggerFactory)
        : base(innerClient) =>
        // The engine is there once the model is loaded; results come after that.
        _results = new(
            loggerFactory.CreateLogger("Qwen3.SemanticKernel.FunctionResults"),
            () => FunctionResults.LimitFor(innerClient.GetService<InferenceEngine>()?.ContextSize));

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        await ReplaceResultsAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        using ModelCall call = ModelCall.Begin();
        ChatResponse response = await base.GetResponseAsync(conversation, options, cancellationToken)
            .ConfigureAwait(false);
        foreach (ChatMessage message in response.Messages)
        {
            ConvertArguments(message.Contents, options);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyCollection<ChatMessage> conversation = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        await ReplaceResultsAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        using ModelCall call = ModelCall.Begin();
        await foreach (
            ChatResponseUpdate update in base.GetStreamingResponseAsync(conversation, options, cancellationToken)
                .ConfigureAwait(false))
        {
            ConvertArguments(update.Contents, options);
            yield return update;
        }
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(FunctionResults)
            ? _results
            : base.GetService(serviceType, serviceKey);

    private ValueTask ReplaceResultsAsync(
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken)
    {
        IEnumerable<AIContent> contents = messages.SelectMany(message => message.Contents);
        return _results.ReplaceAsync(
            contents,
            options?.Tools,
            id => contents.OfType<FunctionCallContent>().LastOrDefault(call => call.CallId == id)?.Name,
            cancellationToken);
    }

    private static void ConvertArguments(IEnumerable<AIContent> contents, ChatOptions? options)
    {
        foreach (FunctionCallContent call in contents.OfType<FunctionCallContent>())
        {
            if (
                call.Arguments is { } arguments
                && options?.Tools?.FirstOrDefault(tool => tool.Name == call.Name)?.GetService<KernelFunction>()
                    is { } function)
            {
                FunctionArguments.Convert(function, arguments);
            }
        }
    }
}
