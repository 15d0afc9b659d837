using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using Qwen3.SemanticKernel.Mapping;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel;

/// <summary>A chat client as Semantic Kernel's chat completion service, with the model's reasoning kept.</summary>
/// <remarks>
/// <para>
/// Reasoning is <see cref="ReasoningContent"/> in answers and in the chat history, and <see cref="StreamingReasoningContent"/> in streams;
/// <see cref="ChatMessageContent.Content"/> is the answer's text alone. Where functions are called automatically, the calls, their results
/// and the reasoning before them are added to the caller's <see cref="ChatHistory"/> at the end, also of an answer that fails or is cancelled
/// after functions have returned, and the model reads them in each further step. Where a result in the history is a stream, what was in it
/// takes its place. In a stream, calls are
/// <see cref="StreamingFunctionCallUpdateContent"/>, each whole.
/// </para>
/// <para>
/// Metadata are <c>Id</c>, <c>CreatedAt</c>, <c>FinishReason</c> (<c>stop</c>, <c>length</c>, <c>tool_calls</c>), <c>Usage</c>
/// (<see cref="AI.UsageDetails"/>), <c>QueueTime</c>, <c>PromptTime</c> and <c>GenerationTime</c> (<see cref="TimeSpan"/>), these four of all
/// steps of the answer together, and what the client's message has among its additional properties, such as <c>thinking_end</c>.
/// All members are safe for concurrent use, but a chat history is not.
/// </para>
/// </remarks>
public sealed class Qwen3ChatCompletionService : IChatCompletionService
{
    private readonly AI.IChatClient _client;

    /// <summary>Creates the service over a client, which stays the caller's.</summary>
    /// <param name="client">The client. To have functions called, build it with <c>UseKernelFunctionInvocation</c>.</param>
    public Qwen3ChatCompletionService(AI.IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        string? model = ((AI.ChatClientMetadata?)client.GetService(typeof(AI.ChatClientMetadata)))?.DefaultModelId;
        Attributes = model is null ? new Dictionary<string, object?>() : new Dictionary<string, object?> { [AIServiceExtensions.ModelIdKey] = model };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes { get; }

    /// <summary>Answers a chat history.</summary>
    /// <param name="chatHistory">The conversation; what comes between it and the answer (calls and their results) is added to it.</param>
    /// <param name="executionSettings">
    /// Functions, limits and sampling, best as <see cref="Qwen3PromptExecutionSettings"/>; the model's defaults where not set.
    /// </param>
    /// <param name="kernel">The kernel whose functions may be called and whose filters see the calls.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <returns>One message: the answer.</returns>
    /// <exception cref="ArgumentException">A setting has a name that is nearly right, or a value of the wrong kind or outside its range.</exception>
    /// <exception cref="NotSupportedException">The history or the settings ask for something that the model cannot do.</exception>
    /// <exception cref="LlamaCpp.ContextLengthException">The conversation does not fit into the model's context.</exception>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        List<AI.ChatResponseUpdate> updates = [];
        bool isComplete = false;
        try
        {
            await foreach (AI.ChatResponseUpdate update in UpdatesAsync(chatHistory, executionSettings, kernel, cancellationToken).ConfigureAwait(false))
            {
                updates.Add(update);
            }

            isComplete = true;
        }
        finally
        {
            AddSteps(chatHistory, updates, kernel, isComplete);
        }

        return Messages(updates, kernel).TakeLast(1).ToList();
    }

    /// <summary>Answers a chat history as the tokens come.</summary>
    /// <param name="chatHistory">The conversation; what comes between it and the answer (calls and their results) is added to it at the end of the stream.</param>
    /// <param name="executionSettings">
    /// Functions, limits and sampling, best as <see cref="Qwen3PromptExecutionSettings"/>; the model's defaults where not set.
    /// </param>
    /// <param name="kernel">The kernel whose functions may be called and whose filters see the calls.</param>
    /// <param name="cancellationToken">Stops the computation. Leaving the enumeration does too.</param>
    /// <returns>Pieces of the answer. The last one of each step bears the finish reason and the usage so far.</returns>
    /// <inheritdoc cref="GetChatMessageContentsAsync" path="/exception"/>
    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        List<AI.ChatResponseUpdate> updates = [];
        var mapping = new ToSemanticKernel(kernel);
        bool isComplete = false;
        try
        {
            await foreach (AI.ChatResponseUpdate update in UpdatesAsync(chatHistory, executionSettings, kernel, cancellationToken).ConfigureAwait(false))
            {
                updates.Add(update);
                if (mapping.Update(update) is { } content)
                {
                    yield return content;
                }
            }

            isComplete = true;
        }
        finally
        {
            // Results that end the response, since a filter stopped it, were not in the stream.
            AddSteps(chatHistory, updates, kernel, isComplete && Messages(updates, kernel) is not [.., { Role.Label: "tool" }]);
        }
    }

    private static List<ChatMessageContent> Messages(List<AI.ChatResponseUpdate> updates, Kernel? kernel) =>
        new ToSemanticKernel(kernel).Messages(AI.ChatResponseExtensions.ToChatResponse(updates), GenerationTimes.Of(updates));

    /// <summary>
    /// Adds the steps before the answer to the history. Of a response that was not completed these are the ones whose functions have returned:
    /// what they did is done, and an app that tries again must not do it again.
    /// </summary>
    private static void AddSteps(ChatHistory chatHistory, List<AI.ChatResponseUpdate> updates, Kernel? kernel, bool isComplete)
    {
        List<ChatMessageContent> messages = Messages(updates, kernel);
        int count = isComplete ? messages.Count - 1 : messages.FindLastIndex(message => message.Role == AuthorRole.Tool) + 1;
        chatHistory.AddRange(messages.Take(count));
    }

    private async IAsyncEnumerable<AI.ChatResponseUpdate> UpdatesAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings, Kernel? kernel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AI.ChatOptions? options = executionSettings is null ? null : Qwen3PromptExecutionSettings.FromExecutionSettings(executionSettings).ToChatOptions(kernel);
        await FunctionResults.GatherStreamsAsync(chatHistory, cancellationToken).ConfigureAwait(false);
        List<AI.ChatMessage> messages = [.. ToExtensionsAI.Messages(chatHistory)];
        await foreach (AI.ChatResponseUpdate update in _client.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }
}
