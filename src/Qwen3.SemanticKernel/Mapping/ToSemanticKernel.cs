using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Converts the messages and updates of one response to Semantic Kernel's types.</summary>
/// <param name="names">The names of the functions that were offered.</param>
internal sealed class ToSemanticKernel(FunctionNames names)
{
    private static readonly JsonSerializerOptions s_json = new(AI.AIJsonUtilities.DefaultOptions)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = false,
    };

    private readonly Dictionary<string, string> _calledNames = [];
    private readonly AI.UsageDetails _usage = new();
    private readonly GenerationTimes _times = new();
    private string? _messageId;
    private int _requestIndex = -1;
    private int _callIndex;

    /// <param name="response">
    /// The whole response; its last message has the usage, the times and the finish reason.
    /// </param>
    /// <param name="times">The times of its steps, if they are known.</param>
    public List<ChatMessageContent> Messages(AI.ChatResponse response, GenerationTimes? times = null)
    {
        List<ChatMessageContent> messages = [];
        for (int i = 0; i < response.Messages.Count; i++)
        {
            AI.ChatMessage message = response.Messages[i];
            bool isLast = i == response.Messages.Count - 1;
            Dictionary<string, object?> metadata = Metadata(
                response.ResponseId,
                response.CreatedAt,
                isLast ? response.FinishReason : null,
                isLast ? response.Usage : null,
                message.AdditionalProperties);
            if (isLast)
            {
                times?.WriteTo(metadata);
            }

            messages.Add(
                new(
                    Role(message.Role),
                    [.. message.Contents.Select(Content).OfType<KernelContent>()],
                    response.ModelId,
                    innerContent: message)
                {
                    AuthorName = message.AuthorName,
                    Metadata = metadata,
                }
            );
        }

        return messages;
    }

    /// <summary>The update, or <see langword="null"/> for one without content.</summary>
    public StreamingChatMessageContent? Update(AI.ChatResponseUpdate update)
    {
        // Results of functions are in the history; Semantic Kernel has no content for them in a stream.
        if (update.Role == AI.ChatRole.Tool)
        {
            return null;
        }

        if (update.MessageId != _messageId || _requestIndex < 0)
        {
            _messageId = update.MessageId;
            _requestIndex++;
            _callIndex = 0;
        }

        AI.UsageDetails? usage = null;
        var result = new StreamingChatMessageContent(
            Role(update.Role ?? AI.ChatRole.Assistant),
            content: null,
            innerContent: update,
            modelId: update.ModelId)
        {
            AuthorName = update.AuthorName,
        };
        foreach (AI.AIContent content in update.Contents)
        {
            if (content is AI.UsageContent { Details: { } details })
            {
                // The total so far, so that the last one is the usage of the whole answer, as without streaming.
                _usage.Add(details);
                usage = new();
                usage.Add(_usage);
            }
            else if (StreamingContent(content) is { } item)
            {
                result.Items.Add(item);
            }
        }

        Dictionary<string, object?> metadata = Metadata(
            update.ResponseId,
            update.CreatedAt,
            update.FinishReason,
            usage,
            update.AdditionalProperties);
        if (_times.Add(update))
        {
            _times.WriteTo(metadata);
        }

        result.Metadata = metadata;
        return result.Items.Count > 0 || update.FinishReason is not null || usage is not null ? result : null;
    }

    private static string Arguments(AI.FunctionCallContent call) =>
        JsonSerializer.Serialize(
            call.Arguments ?? new Dictionary<string, object?>(),
            s_json.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static AuthorRole Role(AI.ChatRole role) => new(role.Value);

    private static Dictionary<string, object?> Metadata(
        string? id,
        DateTimeOffset? createdAt,
        AI.ChatFinishReason? finishReason,
        AI.UsageDetails? usage,
        AI.AdditionalPropertiesDictionary? additional)
    {
        Dictionary<string, object?> metadata = new(additional ?? []);
        Add("Id", id);
        Add("CreatedAt", createdAt);
        Add("FinishReason", finishReason?.Value);
        Add("Usage", usage);
        return metadata;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                metadata[name] = value;
            }
        }
    }

    private KernelContent? Content(AI.AIContent content)
    {
        switch (content)
        {
            case AI.TextContent text:
                return new TextContent(text.Text);
            case AI.TextReasoningContent reasoning:
                return new ReasoningContent(reasoning.Text);
            case AI.FunctionCallContent call:
                _calledNames[call.CallId] = call.Name;
                (string? plugin, string function) = names.Split(call.Name);
                return new FunctionCallContent(
                    function,
                    plugin,
                    call.CallId,
                    call.Arguments is null ? null : new(call.Arguments))
                {
                    Exception = call.Exception,
                    InnerContent = call,
                    Metadata = call.AdditionalProperties,
                };
            case AI.FunctionResultContent result:
                (plugin, function) = names.Split(_calledNames.GetValueOrDefault(result.CallId, ""));
                // The exception of a function that failed is in the inner content; the result is the text that the
                // model read.
                return new FunctionResultContent(function, plugin, result.CallId, result.Result)
                {
                    InnerContent = result,
                };
            default:
                return null;
        }
    }

    private StreamingKernelContent? StreamingContent(AI.AIContent content)
    {
        switch (content)
        {
            case AI.TextContent text:
                return new StreamingTextContent(text.Text);
            case AI.TextReasoningContent reasoning:
                return new StreamingReasoningContent(reasoning.Text);
            case AI.FunctionCallContent call:
                (string? plugin, string function) = names.Split(call.Name);
                // FunctionCallContentBuilder, which assembles calls, splits names at a hyphen.
                return new StreamingFunctionCallUpdateContent(
                    call.CallId, plugin is null ? function : $"{plugin}-{function}", Arguments(call), _callIndex++)
                {
                    RequestIndex = _requestIndex,
                    Metadata = call.AdditionalProperties,
                };
            default:
                return null;
        }
    }
}
