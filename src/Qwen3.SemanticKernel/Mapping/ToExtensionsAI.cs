using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>
/// Converts the messages of a request from Semantic Kernel's types to those of Microsoft.Extensions.AI.
/// </summary>
internal static class ToExtensionsAI
{
    public static IEnumerable<AI.ChatMessage> Messages(IEnumerable<ChatMessageContent> messages) =>
        messages.Select(Message);

    private static AI.ChatMessage Message(ChatMessageContent message) =>
        new(new(message.Role.Label), [.. Items(message).Select(Content)])
        {
            AuthorName = message.AuthorName,
        };

    // Semantic Kernel's connectors repeat a result as text.
    private static IEnumerable<KernelContent> Items(ChatMessageContent message) =>
        message.Role == AuthorRole.Tool && message.Items.Any(item => item is FunctionResultContent)
            ? message.Items.Where(item => item is not TextContent)
            : message.Items;

    private static AI.AIContent Content(KernelContent content) =>
        content switch
        {
            TextContent text => new AI.TextContent(text.Text),
            ReasoningContent reasoning => new AI.TextReasoningContent(reasoning.Text),
            FunctionCallContent call => new AI.FunctionCallContent(
                call.Id ?? "",
                FunctionNames.Join(call.PluginName, call.FunctionName),
                call.Arguments)
            {
                Exception = call.Exception,
                // A client's notes on the call, such as the model that made it.
                AdditionalProperties = call.Metadata is null ? null : new(call.Metadata),
            },
            FunctionResultContent result => new AI.FunctionResultContent(result.CallId ?? "", result.Result),
            _ => throw new NotSupportedException(
                $"The chat history has a {content.GetType().Name}, which Qwen3 cannot read: it reads text, reasoning, "
                    + "function calls and function results. Describe the content in text, or remove it."),
        };
}
