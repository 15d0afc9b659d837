using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using Qwen3.SemanticKernel.Mapping;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel;

/// <summary>
/// Provides a chat client as Semantic Kernel's chat completion service and keeps the model's reasoning.
/// </summary>
/// <remarks>
/// <para>
/// Reasoning is <see cref="ReasoningContent"/> in answers and in the chat history, and
/// <see cref="StreamingReasoningContent"/> in streams; <see cref="ChatMessageContent.Content"/> is the text of the
/// answer alone. In a stream, a call is one <see cref="StreamingFunctionCallUpdateContent"/>, complete.
/// </para>
/// <para>
/// With automatic function calling, the calls, their results and the reasoning before them are added to the caller's
/// <see cref="ChatHistory"/> at the end, also when an answer fails or is cancelled after functions have returned, so
/// that a second attempt does not repeat them. When a filter terminates the request, the results are in the history and
/// the last message is the answer. Results in the history are text or JSON of bounded size; a stream is read once, and
/// its content replaces it.
/// </para>
/// <para>
/// Metadata are <c>Id</c>, <c>CreatedAt</c>, <c>FinishReason</c> (<c>stop</c>, <c>length</c>, <c>tool_calls</c>),
/// <c>Usage</c> (<see cref="AI.UsageDetails"/>), <c>QueueTime</c>, <c>PromptTime</c> and <c>GenerationTime</c>
/// (<see cref="TimeSpan"/>), the last four summed over all steps of the answer, and the additional properties of the
/// client's message, such as <c>thinking_end</c>. All members are safe for concurrent use, but a chat history is not.
/// </para>
/// </remarks>
public sealed class Qwen3ChatCompletionService : IChatCompletionService
{
    private readonly AI.IChatClient _client;
    private readonly FunctionResults _results;

    /// <summary>
    /// Initializes a new instance of the <see cref="Qwen3ChatCompletionService"/> class over a client, which the caller
    /// disposes.
    /// </summary>
    /// <param name="client">
    /// The client. To have functions invoked, build it with <c>UseKernelFunctionInvocation</c>.
    /// </param>
    public Qwen3ChatCompletionService(AI.IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _results =
            (FunctionResults?)client.GetService(typeof(FunctionResults))
            ?? new(NullLogger.Instance, () => FunctionResults.MaxLimit);
        string? model = ((AI.ChatClientMetadata?)client.GetService(typeof(AI.ChatClientMetadata)))?.DefaultModelId;
        Attributes = model is null
            ? new Dictionary<string, object?>()
            : new Dictionary<string, object?> { [AIServiceExtensions.ModelIdKey] = model };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes { get; }

    /// <summary>Answers a chat history.</summary>
    /// <param name="chatHistory">The conversation. Calls and their results are added to it.</param>
    /// <param name="executionSettings">
    /// Functions, limits and sampling, best as <see cref="Qwen3PromptExecutionSettings"/>; the model's defaults if
    /// <see langword="null"/>.
    /// </param>
    /// <param name="kernel">The kernel with the functions and the filters of their calls.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>One message, the answer.</returns>
    /// <exception cref="ArgumentException">
    /// A setting has a misspelled name, or a value of the wrong kind or outside its range.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The history has a content, or the settings have an option, that is not supported.
    /// </exception>
    /// <exception cref="LlamaCpp.ContextLengthException">
    /// The conversation does not fit into the model's context.
    /// </exception>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        var answer = new Answer(chatHistory, CreateOptions(executionSettings, kernel, ref chatHistory), kernel);
        try
        {
            await foreach (
                AI.ChatResponseUpdate update in UpdatesAsync(answer, chatHistory, cancellationToken)
                    .ConfigureAwait(false))
            {
                answer.Updates.Add(update);
            }

            answer.IsComplete = true;
        }
        finally
        {
            answer.AddSteps();
        }

        return answer.Messages.TakeLast(1).ToList();
    }

    /// <summary>Answers a chat history in a stream.</summary>
    /// <param name="chatHistory">
    /// The conversation. Calls and their results are added to it at the end of the stream.
    /// </param>
    /// <param name="executionSettings">
    /// Functions, limits and sampling, best as <see cref="Qwen3PromptExecutionSettings"/>; the model's defaults if
    /// <see langword="null"/>.
    /// </param>
    /// <param name="kernel">The kernel with the functions and the filters of their calls.</param>
    /// <param name="cancellationToken">Cancels the request. Leaving the enumeration cancels it, too.</param>
    /// <returns>
    /// The pieces of the answer. The last one of each step has the finish reason and the usage so far.
    /// </returns>
    /// <inheritdoc cref="GetChatMessageContentsAsync" path="/exception"/>
    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        var answer = new Answer(chatHistory, CreateOptions(executionSettings, kernel, ref chatHistory), kernel);
        var mapping = new ToSemanticKernel(answer.Names);
        try
        {
            await foreach (
                AI.ChatResponseUpdate update in UpdatesAsync(answer, chatHistory, cancellationToken)
                    .ConfigureAwait(false))
            {
                answer.Updates.Add(update);
                if (mapping.Update(update) is { } content)
                {
                    yield return content;
                }
            }

            answer.IsComplete = true;
        }
        finally
        {
            answer.AddSteps();
        }

        if (answer.IsTerminated)
        {
            // As Semantic Kernel's OpenAI connector ends such a stream.
            ChatMessageContent last = answer.Messages[^1];
            yield return new(
                last.Role,
                last.Content,
                last.InnerContent,
                modelId: last.ModelId,
                metadata: last.Metadata);
        }
    }

    /// <param name="executionSettings">The caller's settings.</param>
    /// <param name="kernel">The kernel of the request.</param>
    /// <param name="history">The caller's history; on return the one to send.</param>
    private static AI.ChatOptions? CreateOptions(
        PromptExecutionSettings? executionSettings,
        Kernel? kernel,
        ref ChatHistory history)
    {
        if (executionSettings is null)
        {
            return null;
        }

        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(executionSettings);
        AI.ChatOptions options = settings.ToOptions(kernel);
        history = settings.Prepare(history);
        return options;
    }

    private async IAsyncEnumerable<AI.ChatResponseUpdate> UpdatesAsync(
        Answer answer, ChatHistory chatHistory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _results.ReplaceAsync(chatHistory, answer.Options?.Tools, cancellationToken).ConfigureAwait(false);
        List<AI.ChatMessage> messages = [.. ToExtensionsAI.Messages(chatHistory)];
        await foreach (
            AI.ChatResponseUpdate update in _client
                .GetStreamingResponseAsync(messages, answer.Options, cancellationToken)
                .ConfigureAwait(false))
        {
            yield return update;
            // After the caller has the update, so that a cancellation does not lose the step; and also of results that
            // no further request follows.
            await _results
                .ReplaceAsync(update.Contents, answer.Options?.Tools, answer.NameOf, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>The answer to one request, as far as it has come.</summary>
    private sealed class Answer(ChatHistory history, AI.ChatOptions? options, Kernel? kernel)
    {
        private List<ChatMessageContent>? _messages;

        public AI.ChatOptions? Options => options;

        public FunctionNames Names { get; } = new(kernel, options?.Tools);

        public List<AI.ChatResponseUpdate> Updates { get; } = [];

        public bool IsComplete { get; set; }

        /// <summary>
        /// Gets a value indicating whether results of functions are the end, as a filter terminated the request.
        /// </summary>
        public bool IsTerminated => IsComplete && Messages is [.., { Role.Label: "tool" }];

        public List<ChatMessageContent> Messages =>
            _messages ??= new ToSemanticKernel(Names).Messages(
                AI.ChatResponseExtensions.ToChatResponse(Updates),
                GenerationTimes.From(Updates));

        public string? NameOf(string callId) =>
            Updates
                .SelectMany(update => update.Contents)
                .OfType<AI.FunctionCallContent>()
                .LastOrDefault(call => call.CallId == callId)
                ?.Name;

        /// <summary>
        /// Adds the steps before the answer to the history. Of a response that was not completed these are the ones
        /// whose functions have returned.
        /// </summary>
        public void AddSteps()
        {
            if (IsTerminated)
            {
                // The text is the content of the message, which is the answer, too.
                ChatMessageContent last = Messages[^1];
                last.Content = last.Items.OfType<FunctionResultContent>().LastOrDefault()?.Result?.ToString();
            }

            int count = IsTerminated ? Messages.Count
                : IsComplete ? Messages.Count - 1
                : Messages.FindLastIndex(message => message.Role == AuthorRole.Tool) + 1;
            history.AddRange(Messages.Take(count));
        }
    }
}
